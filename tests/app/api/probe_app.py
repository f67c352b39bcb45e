"""A small application on the real edge: views that do nothing but show what reached them."""

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Flask, request
from marshmallow import fields
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.api.auth import current_person
from app.api.blueprint import ApiBlueprint
from app.api.idempotency import fingerprint, idempotency_key
from app.api.job_answer import documents_submit
from app.api.readiness import Readiness
from app.api.schemas.base import AnswerSchema
from app.api.schemas.enrolments import EnrolmentSchema
from app.api.schemas.jobs import JobListSchema, JobSchema
from app.api.schemas.offers import CourseStepSessionOptionSchema, UnbookedCourseStepSchema
from app.api.schemas.requests import (
    BookStepSessionRequestSchema,
    BulkBookSessionsRequestSchema,
    CancelStepBookingRequestSchema,
    ChangeStepSessionRequestSchema,
    SessionListQuerySchema,
)
from app.factory import build_app
from app.settings import Settings, load_settings
from app.tokens import issue_token
from models.connection import make_engine
from models.people import Role, UserAccount

SECRET = "a secret of the tests, 32 bytes or more"
STUDENT, STAFF, DELETED = 11, 12, 99


EVERYTHING_READY = Readiness(lambda: True, lambda: True, lambda: 1.5, lambda: None)


class EchoSchema(AnswerSchema):
    """Whatever the view got."""

    got = fields.Raw(allow_none=True)


@dataclass
class ProbeRuntime:
    """The outside world of these tests: a few users, and probes that can be set."""

    engine: Engine
    readiness: Readiness

    @property
    def statements(self) -> Engine:
        """The same database."""
        return self.engine


def probe_settings(**environ: str) -> Settings:
    """Settings as the product reads them."""
    required = {
        "DATABASE_URL": "postgresql://nobody@localhost/nothing",
        "REDIS_URL": "redis://localhost",
    }
    secret = {} if "JWT_JWKS_URL" in environ else {"JWT_SECRET": SECRET}
    return load_settings({**required, **secret, **environ})


def probe_runtime(engine: Engine) -> ProbeRuntime:
    """Two users, and everything ready."""
    with engine.begin() as db:
        for user_id, role in ((STUDENT, Role.STUDENT), (STAFF, Role.STAFF)):
            row = {"id": user_id, "email": f"{role}@school.example", "name": role, "role": role}
            row |= {"time_zone": "UTC", "locale": "en", "reminders": True}
            db.execute(UserAccount.__table__.insert().values(row))
    return ProbeRuntime(engine, EVERYTHING_READY)


def bearer(user_id: int, settings: Settings) -> dict[str, str]:
    """The header of a request by this user."""
    token = issue_token(settings, user_id, timedelta(minutes=5), datetime.now(UTC))
    return {"Authorization": f"Bearer {token}"}


def with_readiness(runtime: ProbeRuntime, **questions: Any) -> None:
    """Let some of the readiness questions be answered otherwise."""
    runtime.readiness = replace(runtime.readiness, **questions)


def probe_app(settings: Settings | None = None, runtime: ProbeRuntime | None = None) -> Flask:
    """The product's application with the probe views.

    Without a runtime its open views work, and its database isn't there.
    """
    settings = settings or probe_settings()
    nobody = ProbeRuntime(make_engine(settings.database_url), EVERYTHING_READY)
    app = build_app(settings, runtime or nobody)
    api = app.extensions["flask-smorest"]["apis"][""]["ext_obj"]
    for blueprint in (open_views(), signed_in_views()):
        api.register_blueprint(blueprint)
    return app


def open_views() -> ApiBlueprint:
    """Views for everybody, for what has nothing to do with who is asking."""
    probe = ApiBlueprint("probe", url_prefix="/api/probe", public=True)

    @probe.post("/body")
    @probe.arguments(BookStepSessionRequestSchema)
    @probe.response(200, EchoSchema)
    def show_body(body: dict[str, Any]) -> dict[str, Any]:
        """Show a body."""
        return {"got": body}

    @probe.delete("/body")
    @probe.arguments(CancelStepBookingRequestSchema, required=False)
    @probe.response(200, EchoSchema)
    def show_optional_body(body: dict[str, Any]) -> dict[str, Any]:
        """Show a body that may be absent."""
        return {"got": body}

    @probe.post("/bulk")
    @probe.arguments(BulkBookSessionsRequestSchema)
    @probe.response(200, EchoSchema)
    def show_bulk(body: dict[str, Any]) -> dict[str, Any]:
        """Show a nested body."""
        return {"got": body}

    @probe.get("/query")
    @probe.arguments(SessionListQuerySchema, location="query")
    @probe.response(200, EchoSchema)
    def show_query(query: dict[str, Any]) -> dict[str, Any]:
        """Show a query."""
        return {"got": {name: str(value) for name, value in query.items()}}

    @probe.get("/packages/<id:package_id>")
    @probe.response(200, EchoSchema)
    def show_id(package_id: int) -> dict[str, Any]:
        """Show an id."""
        return {"got": package_id}

    @probe.get("/jobs/<job_id:job_id>")
    @probe.conditional
    @probe.response(200, EchoSchema)
    def show_job_id(job_id: UUID) -> dict[str, Any]:
        """Show a job's id, with an ETag."""
        return {"got": str(job_id)}

    @probe.post("/key")
    @probe.arguments(BookStepSessionRequestSchema)
    @probe.response(200, EchoSchema)
    def show_key(body: dict[str, Any]) -> dict[str, Any]:
        """Show an idempotency key and a fingerprint."""
        return {"got": [idempotency_key(request), fingerprint("POST", "/x", body).hex()]}

    @probe.get("/fails/<how>")
    def fail(how: str) -> str:
        """Fail."""
        raise FAILURES[how]

    @probe.get("/slow")
    @probe.response(200, EchoSchema)
    def slow() -> dict[str, Any]:
        """Take a little while."""
        time.sleep(0.05)
        return {"got": None}

    return probe


class _LostError(Exception):
    sqlstate = "08006"


class _SyntaxError(Exception):
    sqlstate = "42601"


FAILURES: dict[str, Exception] = {
    "defect": RuntimeError("secret detail"),
    "database-away": OperationalError("SELECT secret", {}, _LostError("secret host")),
    "pool-exhausted": PoolTimeout("secret"),
    "connection-cut": ProgrammingError("SELECT 1", {}, _LostError(), connection_invalidated=True),
    "wrong-sql": ProgrammingError("SELECT secret", {}, _SyntaxError("secret")),
}


def signed_in_views() -> ApiBlueprint:
    """Views for people who are signed in, shaped like the product's."""
    mine = ApiBlueprint("mine", url_prefix="/api/mine")

    @mine.get("")
    @mine.response(200, EchoSchema)
    def show_person() -> dict[str, Any]:
        """Show who is asking."""
        return {"got": current_person().id}

    @mine.get("/staff")
    @mine.roles(Role.STAFF, Role.ADMIN)
    @mine.response(200, EchoSchema)
    def show_staff() -> dict[str, Any]:
        """Show staff who is asking."""
        return {"got": current_person().id}

    @mine.post("/packages/<id:package_id>/steps/<id:step_id>/change-session")
    @documents_submit(mine)
    @mine.arguments(ChangeStepSessionRequestSchema)
    def change_probed_session(body: dict[str, Any], package_id: int, step_id: int) -> str:
        """Change the session of a step."""
        return f"{body} {package_id} {step_id}"

    @mine.get("/jobs")
    @mine.response(200, JobListSchema)
    def jobs() -> dict[str, Any]:
        """List jobs."""
        return {"items": [], "next": None}

    @mine.get("/jobs/<job_id:job_id>")
    @mine.conditional
    @mine.response(200, JobSchema)
    def job(job_id: UUID) -> dict[str, Any]:
        """Show a job."""
        return {"id": job_id}

    @mine.get("/course-packages")
    @mine.response(200, EnrolmentSchema(many=True))
    def packages() -> list[Any]:
        """List packages."""
        return []

    @mine.get("/unbooked-steps")
    @mine.response(200, UnbookedCourseStepSchema(many=True))
    def steps() -> list[Any]:
        """List unbooked steps."""
        return []

    @mine.get("/sessions")
    @mine.arguments(SessionListQuerySchema, location="query")
    @mine.response(200, CourseStepSessionOptionSchema(many=True))
    def sessions(query: dict[str, Any]) -> list[Any]:
        """List sessions."""
        return list(query)[:0]

    return mine
