"""The blueprint that views are declared on.

    jobs = ApiBlueprint("jobs", url_prefix="/api/jobs")

    @jobs.get("/<job_id:job_id>")
    @jobs.conditional
    @jobs.response(200, JobSchema)
    def show_job(job_id: UUID) -> dict[str, object]:
        ...

Every view needs a signed-in person unless the blueprint is public. The OpenAPI document comes
from these decorators; `app.api.openapi` adds the errors that follow from them.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar, cast

from flask import Response, make_response
from flask_smorest import Blueprint
from marshmallow import Schema

from app.api.auth import require_role, require_sign_in, require_token
from app.api.body import StrictJsonParser
from app.api.etag import conditional
from app.api.header_docs import ETAG, IF_NONE_MATCH
from app.api.schemas.base import camel_case
from models.people import Role

P = ParamSpec("P")
R = TypeVar("R")
View = TypeVar("View", bound=Callable[..., Any])

_HEADERS = "headers"


class Decorator(Protocol):
    """What takes a view and gives one back that is called alike."""

    def __call__(self, view: View, /) -> View:
        """Decorate it."""


class ApiBlueprint(Blueprint):  # type: ignore[misc]  # flask-smorest ships no types
    """flask-smorest's blueprint with strict bodies, sign-in and typed decorators."""

    ARGUMENTS_PARSER = StrictJsonParser()
    DEFAULT_LOCATION_CONTENT_TYPE_MAPPING = {  # noqa: RUF012 - the name and form are smorest's
        **Blueprint.DEFAULT_LOCATION_CONTENT_TYPE_MAPPING,
        "optional_json": "application/json",
    }

    def __init__(
        self,
        name: str,
        *,
        url_prefix: str | None = None,
        description: str = "",
        public: bool = False,
        reads_person: bool = True,
    ) -> None:
        """Prepare a blueprint.

        With `reads_person=False` its views see to it that the person still exists, by whatever
        they read first: a statement less in each request.
        """
        super().__init__(name, __name__, url_prefix=url_prefix, description=description)
        self._prepare_doc_cbks.append(self._prepare_header_doc)
        self._prepare_doc_cbks.append(self._prepare_security_doc)
        self._public = public
        if not public:
            self.before_request(require_sign_in if reads_person else require_token)

    def get(self, rule: str) -> Decorator:
        """Route GET (and HEAD) requests to a view."""
        return self._route("GET", rule)

    def post(self, rule: str) -> Decorator:
        """Route POST requests to a view."""
        return self._route("POST", rule)

    def patch(self, rule: str) -> Decorator:
        """Route PATCH requests to a view."""
        return self._route("PATCH", rule)

    def delete(self, rule: str) -> Decorator:
        """Route DELETE requests to a view."""
        return self._route("DELETE", rule)

    def _route(self, method: str, rule: str) -> Decorator:
        """Route one method, documented as an operation with the view's name."""

        def decorator(view: View) -> View:
            named = self.doc(operationId=camel_case(view.__name__))(view)
            return cast(View, super(ApiBlueprint, self).route(rule, methods=[method])(named))

        return decorator

    def arguments(
        self,
        schema: type[Schema],
        *,
        location: str = "json",
        required: bool = True,
        **options: Any,
    ) -> Decorator:
        """Pass the validated body, or the query (`location="query"`), to the view as its first.

        A body that isn't required may be absent; the view then gets the schema's defaults.
        """
        place = "optional_json" if location == "json" and not required else location
        # an instance: of a class, webargs would make a new one for each request
        return super().arguments(schema(), location=place, required=required, **options)  # type: ignore[no-any-return]  # as above

    def response(
        self,
        status: int,
        schema: Schema | type[Schema] | dict[str, Any] | None = None,
        **options: Any,
    ) -> Decorator:
        """Print what the view returns by this schema, with this status unless it says another."""
        return super().response(status, schema, **options)  # type: ignore[no-any-return]  # as above

    def alt_response(self, status: int, response: str | None = None, **options: Any) -> Decorator:
        """Document another answer that the view may give."""
        return super().alt_response(status, response, **options)  # type: ignore[no-any-return]  # as above

    def doc(self, **operation: Any) -> Decorator:
        """Add to the operation in the OpenAPI document what the decorators can't know."""
        return super().doc(**operation)  # type: ignore[no-any-return]  # as above

    def conditional(self, view: Callable[P, R]) -> Callable[P, Response]:
        """Answer GETs with an ETag and honour If-None-Match; stands above `response`."""

        @wraps(view)
        def with_etag(*args: P.args, **kwargs: P.kwargs) -> Response:
            return conditional(make_response(view(*args, **kwargs)))

        documented: Callable[P, Response] = self.takes_headers(IF_NONE_MATCH)(
            self.doc(
                responses={
                    200: {"headers": {"ETag": ETAG}},
                    304: {"description": "Not Modified", "headers": {"ETag": ETAG}},
                }
            )(with_etag)
        )
        return documented

    def takes_headers(self, *parameters: Mapping[str, Any]) -> Decorator:
        """Document request headers; what `doc` says of parameters would replace all others."""

        def decorator(view: View) -> View:
            documented = self.doc()(view)
            documented._apidoc.setdefault(_HEADERS, []).extend(parameters)  # type: ignore[attr-defined]  # smorest's own place  # noqa: SLF001
            return documented

        return decorator

    def roles(self, *roles: Role) -> Decorator:
        """Let only people in one of these roles in; stands above `arguments`."""

        def decorator(view: View) -> View:
            guarded = cast(View, require_role(*roles)(view))
            return self.alt_response(403, "FORBIDDEN")(guarded)

        return decorator

    def _prepare_header_doc(
        self, doc: dict[str, Any], doc_info: Mapping[str, Any], **__: Any
    ) -> dict[str, Any]:
        if headers := doc_info.get(_HEADERS):
            doc.setdefault("parameters", []).extend(headers)
        return doc

    def _prepare_security_doc(
        self, doc: dict[str, Any], _: Mapping[str, Any], **__: Any
    ) -> dict[str, Any]:
        """Take back the document's general demand for a token where there is none."""
        if self._public:
            doc["security"] = []
        return doc
