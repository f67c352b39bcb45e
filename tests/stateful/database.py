"""What the database says, in the model's words."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, text

from tests.stateful.deeds import Outcome
from tests.stateful.world import Booking, Entry, World


def decided_order(db: Connection, after: int) -> list[Row[Any]]:
    """All jobs accepted after this arrival; whose transaction's number says when."""
    query = "SELECT *, xmin::text::bigint AS written_by FROM booking_job WHERE arrival > :after"
    return list(db.execute(text(query + " ORDER BY arrival"), {"after": after}))


def outcome_of(row: Row[Any]) -> Outcome:
    """The job's outcome as far as the model predicts it."""
    if row.status == "SUCCEEDED":
        return Outcome("SUCCEEDED", None, _facts(row))
    error = row.error or {}
    open_or_failures = error.get("waitlist_open")
    if "failures" in error:
        open_or_failures = _failures(error["failures"])
    return Outcome(row.status, error.get("code"), open_or_failures)


def _facts(row: Row[Any]) -> Any:
    result = row.result
    if "affected" in result:
        return sorted((a["student_id"], a["outcome"]) for a in result["affected"])
    if row.kind in {"BOOK_STEP", "CHANGE_STEP", "BOOK_SEAT"}:
        return result["booking"]["session_id"]
    if row.kind == "PROMOTE":
        return len(result["promoted"]), [skip["code"] for skip in result["skipped"]]
    if row.kind == "BULK_BOOK":
        assert len(result["bookings"]) == len(result["auto_booked"] + result["manual_selections"])
        seated = [
            (
                made["booking"]["course_step_id"],
                made["booking"]["session_id"],
                made["booking"]["course_step_id"] in result["manual_selections"],
            )
            for made in result["bookings"]
        ]
        return sorted(seated), _failures(result["failures"])
    return None


def _failures(failures: list[dict[str, Any]]) -> list[tuple[int, str]]:
    return sorted((failure["course_step_id"], failure["code"]) for failure in failures)


def stored(db: Connection, users: Collection[int], classes: Collection[int]) -> dict[str, Any]:
    """Everything that the rules are about, as it is stored."""
    bookings = _rows(db, _BOOKINGS, users)
    sessions = {row.id: row.session_id for row in bookings}
    entries = _rows(db, _ENTRIES, users)
    order = {row.id: number for number, row in enumerate(entries)}
    return {
        "bookings": Counter((*row[2:], sessions.get(row.replaces_booking_id)) for row in bookings),
        "progress": {tuple(row[:2]): tuple(row[2:]) for row in _rows(db, _PROGRESS, users)},
        "sessions": {row[0]: tuple(row[1:]) for row in _rows(db, _SESSIONS, classes)},
        "packages": {row.id: row.status for row in _rows(db, _PACKAGES, users)},
        "waitlist": [tuple(row[1:]) for row in entries],
        "skips": [(order[row[0]], *row[1:]) for row in _rows(db, _SKIPS, users)],
    }


def predicted(world: World) -> dict[str, Any]:
    """The same, as the model has it."""
    order = {entry: number for number, entry in enumerate(world.entries)}
    return {
        "bookings": Counter(_booking(booking) for booking in world.bookings),
        "progress": {
            (package.id, step.id): _progress(world, package, step)
            for package in world.packages.values()
            for step in world.steps_of(package)
        },
        "sessions": {
            s.id: (
                s.class_id,
                s.start,
                s.end,
                s.capacity,
                len(world.seats_in(s)),
                "CANCELLED" if s.is_cancelled else "SCHEDULED",
            )
            for s in world.sessions.values()
        },
        "packages": {
            p.id: "ACTIVE" if p.is_active else "CANCELLED" for p in world.packages.values()
        },
        "waitlist": [_entry(entry) for entry in world.entries],
        "skips": [(order[entry], session, code) for entry, session, code in world.skips],
    }


def name_bookings(db: Connection, world: World) -> None:
    """Tell the model the ids of the seats that it holds, so that staff can name them."""
    ids = {
        (row.user_id, row.session_id): row.id
        for row in _rows(db, _BOOKINGS, world.users)
        if row.status != "CANCELLED"
    }
    for booking in world.bookings:
        if booking.holds_seat:
            booking.known_as = ids[booking.user, booking.session.id]


def _rows(db: Connection, query: str, ids: Collection[int]) -> list[Row[Any]]:
    return list(db.execute(text(query), {"ids": list(ids)}))


def _booking(booking: Booking) -> tuple[Any, ...]:
    return (
        booking.user,
        booking.session.id,
        booking.package and booking.package.id,
        booking.step and booking.step.id,
        booking.type,
        booking.status,
        booking.reason,
        booking.change_until,
        booking.cancel_until,
        booking.replaces and booking.replaces.session.id,
    )


def _progress(world: World, package: Any, step: Any) -> tuple[Any, ...]:
    seat = world.seat_for(package, step)
    return world.progress(package, step), seat and seat.session.class_id, seat and seat.session.id


def _entry(entry: Entry) -> tuple[Any, ...]:
    return (
        entry.package.user,
        entry.package.id,
        entry.step.id,
        entry.option.id,
        entry.session and entry.session.id,
        entry.status,
        entry.end_reason,
    )


_BOOKINGS = """
    SELECT id, replaces_booking_id, user_id, session_id, student_package_id, course_step_id,
           booking_type, status, cancel_reason, change_until, cancel_until
    FROM booking WHERE user_id = ANY(:ids)
"""
_PROGRESS = """
    SELECT p.student_package_id, p.course_step_id, p.status, p.group_class_id, b.session_id
    FROM student_course_step_progress p JOIN student_package s ON s.id = p.student_package_id
    LEFT JOIN booking b ON b.id = p.booking_id WHERE s.user_id = ANY(:ids)
"""
_SESSIONS = """
    SELECT id, group_class_id, start_at, end_at, capacity_max, seats_taken, status
    FROM session WHERE group_class_id = ANY(:ids)
"""
_PACKAGES = "SELECT id, status FROM student_package WHERE user_id = ANY(:ids)"
_ENTRIES = """
    SELECT id, user_id, student_package_id, course_step_id, course_step_option_id, session_id,
           status, end_reason
    FROM waitlist_entry WHERE user_id = ANY(:ids) ORDER BY id
"""
_SKIPS = """
    SELECT w.waitlist_entry_id, w.session_id, w.code
    FROM waitlist_skip w JOIN waitlist_entry e ON e.id = w.waitlist_entry_id
    WHERE e.user_id = ANY(:ids) ORDER BY w.id
"""
