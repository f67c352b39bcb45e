"""Promoting who gives up another seat for it, judged without a database."""

from typing import Any

from models.booking import BookingStatus
from models.desk import Entry, Promotion, Seats
from tests.models.rules.situation import (
    DAY,
    HOUR,
    INSTANT,
    NOW,
    OTHER_CLASS,
)
from tests.models.rules.waiting_line import Line


def swap(line: Line, **fields: Any) -> tuple[Entry, Seats]:
    """The next in line holds another seat for the step."""
    entry = line.join()
    old = line.session(5 * DAY, group_class=OTHER_CLASS)
    line.holds(line.desk.steps[301, 41], old, **fields)
    return entry, old


def test_who_waited_to_swap_gives_up_the_old_seat() -> None:
    line = Line()
    entry, old = swap(line)
    before = line.desk.seat_of(line.desk.steps[301, 41])
    told = line.promote()

    assert before is not None
    assert told["promoted"] == [{"waitlist_entry_id": entry.id, "booking_id": 501}]
    assert (before.status, before.cancelled_by) == (BookingStatus.CANCELLED, None)
    assert before.cancel_reason == "Student changed to different session"
    assert line.desk.bookings[501].replaces_booking_id == before.booking_id
    assert (old.seats_taken, line.session_.seats_taken) == (0, 5)
    assert line.told[0]["topic"] == "waitlist_promoted"
    assert line.told[0]["payload"] == {
        "booking_id": 501,
        "previous_booking_id": before.booking_id,
    }
    assert line.told[1]["topic"] == "course.step.promoted"
    assert line.told[1]["payload"] == {
        "studentId": 101,
        "packageId": 301,
        "stepId": 41,
        "bookingId": 501,
        "sessionId": line.session_.id,
        "previousSessionId": old.id,
        "previousBookingId": before.booking_id,
    }
    # the windows of a promoted student are an hour at least here, too
    assert len(line.told) == 2


def test_who_swaps_may_leave_the_new_seat_for_an_hour() -> None:
    line = Line(starts_in=5 * HOUR)
    swap(line)
    line.promote()
    assert line.desk.bookings[501].change_until == NOW + HOUR


def test_the_seat_that_a_swap_frees_is_promised_to_the_next_in_its_line() -> None:
    line = Line()
    _, old = swap(line)
    other = line.step(package=399, user=199)
    line.waits(other, line.option(other, OTHER_CLASS), old)
    line.promote()

    assert line.desk.promised == {old.id}
    assert line.desk.changes.promotions == {old.id: Promotion(old, None)}


def test_who_may_not_leave_their_seat_any_more_is_passed_over() -> None:
    line = Line()
    entry, _ = swap(line, change_until=NOW - INSTANT)
    assert line.skipped() == [(entry.id, "too_late_to_change")]


def test_who_may_leave_their_seat_to_this_very_instant_is_not() -> None:
    line = Line()
    swap(line, change_until=NOW)
    assert line.skipped() == []


def test_a_seat_from_before_windows_were_kept_may_be_left_in_the_schools_window() -> None:
    line = Line()
    entry, old = swap(line, change_until=None)
    old.start_at = NOW + 24 * HOUR - INSTANT
    line.desk.held_by(101)[0].start_at = old.start_at
    assert line.skipped() == [(entry.id, "too_late_to_change")]

    line = Line()
    _, old = swap(line, change_until=None)
    line.desk.held_by(101)[0].start_at = NOW + 24 * HOUR
    assert line.skipped() == []


def test_the_seat_that_is_given_up_is_no_reason_against_the_new_one() -> None:
    line = Line()
    line.join()
    line.holds(line.desk.steps[301, 41], line.session(3 * DAY, group_class=OTHER_CLASS))
    assert line.skipped() == []
