"""What the document allows and what it forbids, sent to every call; no answer surprises it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from schemathesis import APIOperation, BaseSchema, Case, GenerationMode, HookContext
from schemathesis.checks import load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance
from sqlalchemy import Engine, text

from app import create_app
from app.settings import Settings
from app.tokens import issue_token
from models.booking_job import JobKind
from models.invariants import check_invariants
from models.round import Decider
from models.user_token import TokenPurpose
from models.user_tokens import token_of
from tests.app.rows import job, message
from tests.app.students import decide
from tests.school import School

EXAMPLES = 8
IDS = 2
"""How many ids of each kind are asked about: few, so that most are there."""

# the contract refuses more than a JSON schema can say: 1.0 as an id, a step twice, U+0000
BEYOND_SCHEMAS = [positive_data_acceptance]


def near(node: Any, known: Mapping[str, str], name: str = "") -> Any:
    """The same document about the few things that are there, as far as its ids are valid.

    `known` are the texts that there are, by name.
    """
    if isinstance(node, dict):
        return {key: near(inner, known, key) for key, inner in node.items()}
    if isinstance(node, list):
        return [near(inner, known, name) for inner in node]
    if name in known and isinstance(node, str) and len(node) == len(known[name]):
        return known[name]
    is_id = name.endswith("Id") and is_whole(node) and 0 < node < 2**63
    return int(node) % IDS + 1 if is_id else node


def is_whole(node: Any) -> bool:
    """A number of JSON's that a schema takes for an integer; 1.5 has to stay the wrong id it is."""
    return type(node) is int or (type(node) is float and node.is_integer())


def furnish(school: School, role: str, decider: Decider) -> tuple[int, str]:
    """Somebody of the role amid bookings and waitlists, and a failed job of theirs."""
    course = school.course(capacity=1, sessions=3)
    first, second, _ = course.sessions
    who = school.person(role)
    course.submit(who, school.package(who, course.cohort), first)
    course.submit(*course.enrol_one(), first, kind=JobKind.JOIN_WAITLIST)
    course.enrol_one()
    decide(decider)
    error = {"code": "job_failed", "message": "", "detail": "", "alternatives": []}
    promotion = {"kind": "PROMOTE", "session_id": second, "request": {"session_id": second}}
    return who, job(school, status="FAILED", submitted_by=who, error=error, **promotion)


def token_for(engine: Engine, who: int, path: str) -> str:
    """The token that they have for this path, as it is now."""
    unsubscribes = path.startswith("/api/unsubscribe")
    purpose = TokenPurpose.UNSUBSCRIBE if unsubscribes else TokenPurpose.CALENDAR
    with engine.begin() as db:
        return token_of(db, who, purpose, datetime.now(UTC))


def operations(schema: BaseSchema) -> Iterator[APIOperation]:
    for found in schema.get_all_operations():
        yield found.ok()


@pytest.mark.parametrize(
    ("role", "paths"),
    [("STUDENT", "^/api/(students|jobs|calendar|unsubscribe)"), ("STAFF", "^/api/(admin|jobs)")],
)
def test_every_answer_is_one_that_the_document_promises(  # noqa: PLR0917 - fixtures
    engine: Engine,
    session_settings: Settings,
    redis: object,
    school: School,
    decider: Decider,
    deciding: None,
    role: str,
    paths: str,
) -> None:
    who, failed = furnish(school, role, decider)
    sent = message(school, user_id=who)
    token = issue_token(session_settings, who, timedelta(hours=1), datetime.now(UTC))
    signed_in = {"Authorization": f"Bearer {token}"}
    application = create_app(session_settings)
    whole = schemathesis.openapi.from_wsgi(
        "/api/openapi.json", application, config=SchemathesisConfig()
    )

    @whole.hook
    def map_path_parameters(context: HookContext, path_parameters: Any) -> Any:
        token = token_for(engine, who, context.operation.path)
        known = {"jobId": failed, "messageId": sent, "token": token}
        return near(path_parameters, known)

    @whole.hook
    def map_body(context: HookContext, body: Any) -> Any:
        return near(body, {"jobId": failed})

    @whole.hook
    def filter_query(context: HookContext, query: Any) -> bool:
        # unknown query parameters are ignored, so that one alone makes nothing wrong
        known = {parameter.name for parameter in context.operation.query}
        return set(query or {}) <= known

    load_all_checks()
    asked = 0
    for operation in operations(whole.include(path_regex=paths)):
        for mode in GenerationMode:

            @hypothesis_settings(
                max_examples=EXAMPLES,
                deadline=None,
                database=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate],
            )
            @given(case=operation.as_strategy(mode))
            def ask(case: Case) -> None:
                nonlocal asked
                asked += 1
                case.call_and_validate(headers=signed_in, excluded_checks=BEYOND_SCHEMAS)

            ask()
    assert asked > 100
    with engine.connect() as db:
        query = "SELECT count(*) FROM booking_job WHERE status = 'FAILED' AND id != :failed"
        assert db.scalar(text(query), {"failed": failed}) == 0
        decided = "SELECT count(*) FROM booking_job WHERE status IN ('SUCCEEDED', 'REFUSED')"
        assert db.scalar(text(decided)) > 10
    assert check_invariants(engine).violations == []
