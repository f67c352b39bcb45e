"""Reading the event log by its cursor."""

import json
import re
from typing import Any

import pytest
from sqlalchemy import Engine

from app.settings import CHECKOUT
from models.event_listing import list_events
from models.event_types import EventType
from tasks.webhook_message import write_body
from tests.app.visitors import Visitor
from tests.school import School
from tests.webhook_rows import happens, wait_for_places

PATH = "/api/admin/events"
BOOKED, MOVED = EventType.STEP_BOOKED, EventType.SESSION_MOVED


def followed(staff: Visitor, **query: Any) -> list[int]:
    """The positions that a reader gets who asks for page after page."""
    positions: list[int] = []
    after = 0
    while True:
        page = staff.get(PATH, {"limit": 2, "after": after, **query}).json
        positions += [event["cursor"] for event in page["items"]]
        if page["next"] is None:
            return positions
        assert page["next"] == positions[-1]
        after = page["next"]


def test_an_event_is_shown_as_webhooks_get_it(staff: Visitor, school: School) -> None:
    [id_] = happens(school.engine, BOOKED, data={"studentId": 7, "text": "Größe"})
    (shown,) = staff.items(PATH)
    assert shown["timestamp"].endswith("Z")
    assert (shown["id"], shown["cursor"], shown["type"]) == (str(id_), 1, BOOKED)
    assert shown["data"] == {"studentId": 7, "text": "Größe"}
    with school.engine.connect() as db:
        [event] = list_events(db, after=0, limit=1)
    assert json.loads(write_body(event)) == shown


def test_events_are_read_in_their_order_from_any_position_on(
    staff: Visitor, school: School
) -> None:
    assert staff.get(PATH).json == {"items": [], "next": None}
    happens(school.engine, *[BOOKED, MOVED] * 3)
    wait_for_places(school.engine, BOOKED)
    assert followed(staff) == [1, 2, 3, 4, 5, 6], "the last one has no position yet"
    assert followed(staff, type=MOVED) == [2, 4, 6]
    assert [event["cursor"] for event in staff.items(PATH, after=4)] == [5, 6]
    assert staff.items(PATH, after=6) == []


def test_who_goes_on_from_the_last_event_gets_what_came_since(
    staff: Visitor, school: School
) -> None:
    happens(school.engine, BOOKED)
    page = staff.get(PATH).json
    assert page["next"] is None
    happens(school.engine, MOVED)
    (new,) = staff.items(PATH, after=page["items"][-1]["cursor"])
    assert (new["cursor"], new["type"]) == (2, MOVED)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("after", wrong) for wrong in ("-1", "x", "1.0", "", str(2**63), "1" * 30, "0x1")],
        *[("type", wrong) for wrong in ("webhook.test", "", "COURSE.STEP.BOOKED")],
        *[("limit", wrong) for wrong in ("0", "201", "1000000000")],
    ],
)
def test_what_is_no_place_type_or_number_is_named(
    staff: Visitor, engine: Engine, field: str, value: str
) -> None:
    answer = staff.get(PATH, {field: value})
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_the_types_are_those_that_the_product_writes() -> None:
    """A type that the log holds and nobody can ask for would be lost to subscribers."""
    source = (CHECKOUT / "models" / "telling.py").read_text()
    assert set(re.findall(r"\bEventType\.([A-Z_]+)", source)) == set(EventType.__members__)
