"""The OpenAPI 3.1 document: every answer, error and header of every operation."""

from http import HTTPMethod, HTTPStatus
from typing import Any

from apispec import BasePlugin
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask, Response
from flask_smorest import Api
from flask_smorest.spec.plugins import FlaskPlugin
from marshmallow import fields
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from app.api.header_docs import ALLOW, REQUEST_ID, RETRY_AFTER, WWW_AUTHENTICATE, Header
from app.api.paths import IdConverter, JobIdConverter, TokenConverter
from app.api.problem import CONTENT_TYPE, http_exception_response
from app.api.schemas.base import camel_case
from app.api.schemas.deeds import DryRunResponseSchema
from app.api.schemas.jobs import RESULT_SCHEMAS, JobResult
from app.api.schemas.problems import ProblemSchema

TITLE = "Thrive Booking"
VERSION = "1"
_DESCRIPTION = (
    "Course-step session booking. A submit answers with a job; the job is polled, or waited for "
    "with `Prefer: wait`, until it is decided."
)
_ERROR_HEADERS: dict[int, dict[str, Header]] = {
    401: {"WWW-Authenticate": WWW_AUTHENTICATE},
    405: {"Allow": ALLOW},
    429: {"Retry-After": RETRY_AFTER},
    503: {"Retry-After": RETRY_AFTER},
}

ALWAYS = (
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.REQUEST_URI_TOO_LONG,
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    HTTPStatus.INTERNAL_SERVER_ERROR,
)
"""The errors that any call may answer."""


class ThriveApi(Api):  # type: ignore[misc]  # flask-smorest ships no types
    """flask-smorest's API with our problems as its errors."""

    ERROR_SCHEMA = ProblemSchema

    def handle_http_exception(self, error: HTTPException) -> Response:
        """Answer with a problem instead of smorest's own form."""
        return http_exception_response(error)

    def _register_responses(self) -> None:
        """Describe each error status once; operations refer to it by the status' name."""
        for status in HTTPStatus:
            if status >= HTTPStatus.BAD_REQUEST:
                self.spec.components.response(status.name, _error_doc(status), lazy=True)
        default = {**_error_doc(HTTPStatus.INTERNAL_SERVER_ERROR), "description": "Any error"}
        self.spec.components.response("DEFAULT_ERROR", default, lazy=True)


def _error_doc(status: HTTPStatus) -> dict[str, Any]:
    return {
        "description": status.phrase,
        "headers": {"X-Request-Id": REQUEST_ID, **_ERROR_HEADERS.get(status, {})},
        "content": {CONTENT_TYPE: {"schema": ProblemSchema}},
    }


class CamelPaths(FlaskPlugin):  # type: ignore[misc]  # flask-smorest ships no types
    """Paths whose parameters are named as in the contract: `{packageId}`."""

    def rule_to_params(self, rule: Rule) -> list[dict[str, Any]]:
        """Name the parameters of a route for the document."""
        params: list[dict[str, Any]] = super().rule_to_params(rule)
        return [{**param, "name": camel_case(param["name"])} for param in params]

    @staticmethod
    def flaskpath2openapi(path: str) -> str:
        """Name the places of the parameters in the path itself."""
        braced: str = FlaskPlugin.flaskpath2openapi(path)
        return "/".join(
            camel_case(part) if part.startswith("{") else part for part in braced.split("/")
        )


class StandardAnswers(BasePlugin):
    """What follows from what an operation is, so that no view has to say it."""

    def operation_helper(
        self,
        path: str | None = None,
        operations: dict[str, Any] | None = None,
        **_: Any,
    ) -> None:
        """Add the usual errors, unless the view describes them, and the header all answers have."""
        for method, operation in (operations or {}).items():
            if method.upper() in HTTPMethod.__members__:
                _complete(operation.setdefault("responses", {}), path or "", operation)


def _complete(responses: dict[Any, Any], path: str, operation: dict[str, Any]) -> None:
    described = {str(status) for status in responses}
    for answer in responses.values():
        if isinstance(answer, dict):
            answer.setdefault("headers", {})["X-Request-Id"] = REQUEST_ID
    for status in _standard_statuses(path, operation):
        if str(status.value) not in described:
            responses[str(status.value)] = status.name


def _standard_statuses(path: str, operation: dict[str, Any]) -> list[HTTPStatus]:
    statuses = list(ALWAYS)
    if operation.get("security") != []:
        statuses += [HTTPStatus.UNAUTHORIZED, HTTPStatus.SERVICE_UNAVAILABLE]
    if "{" in path:
        statuses.append(HTTPStatus.NOT_FOUND)
    if "application/json" in operation.get("requestBody", {}).get("content", {}):
        statuses += [
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            HTTPStatus.UNPROCESSABLE_ENTITY,
        ]
    return statuses


def result_properties(self: Any, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    """Describe a job's result as one of the shapes it can have (apispec calls this per field)."""
    if not isinstance(field, JobResult):
        return {}
    shapes = dict.fromkeys([*RESULT_SCHEMAS.values(), DryRunResponseSchema])
    return {"anyOf": [*map(self.resolve_nested_schema, shapes), {"type": "null"}]}


def create_api(app: Flask, public_url: str) -> ThriveApi:
    """Build the document for an application; blueprints are then registered on what it returns."""
    app.config.update(
        API_TITLE=TITLE,
        API_VERSION=VERSION,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
    )
    marshmallow_plugin = MarshmallowPlugin()
    api = ThriveApi(
        spec_kwargs={
            "flask_plugin": CamelPaths(),
            "marshmallow_plugin": marshmallow_plugin,
            "extra_plugins": [StandardAnswers()],
            "info": {"description": _DESCRIPTION},
            "servers": [{"url": public_url}],
            "security": [{"bearer": []}],
        }
    )
    api.register_converter(IdConverter, _id_schema)
    api.register_converter(JobIdConverter, _job_id_schema)
    api.register_converter(TokenConverter, _token_schema)
    api.init_app(app)
    _describe_results(marshmallow_plugin)
    bearer = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    api.spec.components.security_scheme("bearer", bearer)
    return api


def _describe_results(plugin: MarshmallowPlugin) -> None:
    if plugin.converter is None:
        raise RuntimeError("the plugin has its converter only once the document is begun")
    plugin.converter.add_attribute_function(result_properties)  # type: ignore[no-untyped-call]  # apispec leaves it bare


def _id_schema(_: IdConverter) -> dict[str, Any]:
    return {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}


def _job_id_schema(converter: JobIdConverter) -> dict[str, Any]:
    return {"type": "string", "format": "uuid", "pattern": f"^{converter.regex}$"}


def _token_schema(converter: TokenConverter) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{converter.regex}$"}
