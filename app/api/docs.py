"""`/api/docs`: the OpenAPI document as a page to read.

Rendered here from the document itself: no script, nothing from other sites, and the place that
every problem's `type` points at.
"""

from flask import Blueprint, Flask, Response, make_response, render_template
from werkzeug.routing import Rule

from app.api.openapi import ALWAYS, ThriveApi
from app.api.problem import KINDS
from models.finishing import FAILED
from models.refusal import SENTENCES

_OWN_CALLS = {
    "/api/docs": ("showDocs", "Show this document as a page.", "text/html"),
    "/api/openapi.json": ("showOpenapi", "Give this document.", "application/json"),
}
_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"


def register_docs(app: Flask, api: ThriveApi) -> None:
    """Serve the page and its style sheet."""
    docs = Blueprint(
        "docs",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path="/api/docs/assets",
    )
    docs.add_url_rule("/api/docs", "page", lambda: _page(api))
    app.register_blueprint(docs)
    for rule in app.url_map.iter_rules():
        if rule.rule in _OWN_CALLS:
            _describe(api, rule, *_OWN_CALLS[rule.rule])


def _describe(api: ThriveApi, rule: Rule, name: str, summary: str, content_type: str) -> None:
    """Add a call that no API blueprint declares."""
    kind = "object" if content_type.endswith("json") else "string"
    answer = {"description": "OK", "content": {content_type: {"schema": {"type": kind}}}}
    operation = {
        "operationId": name,
        "summary": summary,
        "security": [],
        "responses": {"200": answer, "default": "DEFAULT_ERROR"},
    }
    api.spec.path(rule=rule, operations={"get": operation})


def _page(api: ThriveApi) -> Response:
    response = make_response(
        render_template(
            "docs.html",
            document=api.spec.to_dict(),
            usual=[str(status.value) for status in ALWAYS],
            problems=KINDS,
            refusals=SENTENCES | FAILED,
        )
    )
    response.headers["Content-Security-Policy"] = _POLICY
    return response
