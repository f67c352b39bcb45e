"""Booking many steps at once, judged without a database."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from models.booking_job import JobKind
from models.bulk_booking import BulkMode
from models.desk import Changes, Option, Seats, Step
from models.enrolment import PackageStatus, ProgressStatus
from models.refusal import RefusalCode
from models.verdict import Verdict
from tests.models.rules.situation import (
    ASKED,
    DAY,
    HOUR,
    INSTANT,
    NOW,
    PACKAGE,
    STUDENT,
    Situation,
    code,
    reads,
    refusal,
    result,
)

ALL = BulkMode.ALL_OR_NOTHING
BEST = BulkMode.BEST_EFFORT


@dataclass
class Bought(Situation):
    """A package of three steps, each with one option, and one session of its class."""

    steps: dict[int, Step] = field(default_factory=dict)
    options: dict[int, Option] = field(default_factory=dict)
    sessions: dict[int, Seats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for order in (3, 1, 2):
            group_class = 50 + order
            self.steps[order] = self.step(order)
            self.options[order] = self.option(self.steps[order], group_class)
            self.sessions[order] = self.session(order * DAY, group_class=group_class)

    def choice(self, order: int, **chosen: Any) -> dict[str, Any]:
        return {
            "course_step_id": self.steps[order].course_step_id,
            "course_step_option_id": self.options[order].id,
        } | chosen

    def book(self, *orders: int, mode: str = ALL, **asked: Any) -> Verdict:
        selections = [self.choice(order) for order in orders]
        return self.book_these(selections, mode=mode, **asked)

    def book_these(
        self, selections: list[dict[str, Any]], *, mode: str = ALL, **asked: Any
    ) -> Verdict:
        return self.ask(
            JobKind.BULK_BOOK,
            selections=selections,
            mode=mode,
            **({"fields": {"student_package_id": PACKAGE}} | asked),
        )

    def fill(self, *orders: int) -> None:
        for order in orders:
            self.sessions[order].seats_taken = self.sessions[order].capacity_max


def booked_in(told: dict[str, Any]) -> list[int]:
    return [booked["booking"]["session_id"] for booked in told["bookings"]]


def failed(told: dict[str, Any]) -> list[tuple[int, str]]:
    return [(failure["course_step_id"], failure["code"]) for failure in told["failures"]]


def test_what_is_chosen_is_booked_first_and_then_what_has_no_choice_each_in_order() -> None:
    bought = Bought()
    told = result(bought.book(3, 2))

    assert (told["manual_selections"], told["auto_booked"]) == ([42, 43], [41])
    assert booked_in(told) == [bought.sessions[order].id for order in (2, 3, 1)]
    assert told["failures"] == []
    assert [held.booking_id for held in bought.desk.held_by(STUDENT)] == [501, 502, 503]
    first = told["bookings"][0]
    assert (first["booking"]["id"], first["progress"]["booking_id"]) == (501, 501)
    assert bought.topics == ["booking_confirmed", "course.step.booked"] * 3


def test_every_booking_is_told_of() -> None:
    bought = Bought()
    result(bought.book())

    mails = [m["payload"]["booking_id"] for m in bought.told if m["kind"] == "MAIL"]
    assert mails == [501, 502, 503]
    assert len({m["booking_job_id"] for m in bought.told}) == 1
    assert {m["created_at"] for m in bought.told} == {NOW}


def test_only_what_has_exactly_one_active_option_is_booked_without_a_choice() -> None:
    bought = Bought()
    bought.option(bought.steps[1], 54)
    bought.option(bought.steps[2], 55, is_active=False)
    bought.desk.options.pop(bought.options[3].id)

    told = result(bought.book())
    assert told["auto_booked"] == [42]


def test_what_is_not_unbooked_is_not_booked_again_without_a_choice() -> None:
    bought = Bought()
    bought.holds(bought.steps[1], bought.sessions[1])
    bought.steps[2].progress_status = ProgressStatus.COMPLETED

    assert result(bought.book())["auto_booked"] == [43]


def test_another_packages_steps_are_left_alone() -> None:
    bought = Bought()
    theirs = bought.step(1, package=32)

    assert result(bought.book())["auto_booked"] == [41, 42, 43]
    assert theirs.progress_status == "UNBOOKED"


def test_the_session_that_is_chosen_is_taken() -> None:
    bought = Bought()
    later = bought.session(9 * DAY, group_class=51)

    told = result(bought.book_these([bought.choice(1, session_id=later.id)]))
    assert later.id in booked_in(told)


def test_with_nothing_to_do_it_succeeds_with_nothing() -> None:
    bought = Bought()
    for order in (1, 2, 3):
        bought.steps[order].progress_status = ProgressStatus.COMPLETED

    assert result(bought.book()) == {
        "bookings": [],
        "auto_booked": [],
        "manual_selections": [],
        "failures": [],
    }
    assert bought.desk.changes == Changes()


def test_a_package_without_any_step_has_nothing_to_do() -> None:
    situation = Bought()
    verdict = situation.book(fields={"student_package_id": 39})
    assert result(verdict)["bookings"] == []


@pytest.mark.parametrize("mode", [ALL, BEST])
def test_an_automatic_step_that_cannot_be_booked_is_told_among_the_failures(mode: str) -> None:
    bought = Bought()
    bought.fill(1)
    verdict = bought.book(3, mode=mode)
    told = result(verdict)

    assert (told["manual_selections"], told["auto_booked"]) == ([43], [42])
    assert told["failures"] == [
        {
            "course_step_id": 41,
            "code": "session_full",
            "message": "This session is full. Please choose another one, or join the waitlist.",
            "alternatives": [],
            "waitlist_open": True,
            "waitlist_until": (bought.sessions[1].start_at - 2 * HOUR).isoformat(),
        }
    ]


def test_a_choice_that_cannot_be_booked_stops_everything() -> None:
    bought = Bought()
    bought.fill(2)
    verdict = bought.book(2, 3)

    told = refusal(verdict)
    assert failed(told) == [(42, "session_full")]
    assert told["code"] == "session_full"
    assert told["detail"] == f"all 2 seats of session {bought.sessions[2].id} are taken"
    assert bought.desk.changes == Changes()
    assert {s.progress_status for s in bought.steps.values()} == {"UNBOOKED"}


def test_all_choices_that_cannot_be_booked_are_told_the_first_in_order_as_the_reason() -> None:
    bought = Bought()
    bought.fill(1, 3)
    bought.options[1] = replace(bought.options[1], is_active=False)
    bought.desk.options[bought.options[1].id] = bought.options[1]

    told = refusal(bought.book(3, 1))
    assert failed(told) == [(41, "option_invalid"), (43, "session_full")]
    assert told["code"] == "option_invalid"


def test_after_a_choice_that_cannot_be_booked_nothing_automatic_is_tried() -> None:
    bought = Bought()
    bought.fill(1, 3)

    assert failed(refusal(bought.book(3))) == [(43, "session_full")]


def test_best_effort_books_what_it_can() -> None:
    bought = Bought()
    bought.fill(1, 2)
    told = result(bought.book(2, 3, mode=BEST))

    assert told["manual_selections"] == [43]
    assert failed(told) == [(41, "session_full"), (42, "session_full")]


@pytest.mark.parametrize("mode", [ALL, BEST])
def test_when_nothing_could_be_booked_it_is_refused_for_the_first_in_order(mode: str) -> None:
    bought = Bought()
    bought.fill(1, 2, 3)
    verdict = bought.book(mode=mode)

    told = refusal(verdict)
    assert failed(told) == [(41, "session_full"), (42, "session_full"), (43, "session_full")]
    assert told["detail"] == f"all 2 seats of session {bought.sessions[1].id} are taken"
    assert [r.wish.step.course_step_id for r in verdict.offering if r.wish] == [41, 42, 43]


def test_best_effort_refused_tells_failures_in_order_although_choices_were_tried_first() -> None:
    bought = Bought()
    bought.fill(1, 2, 3)

    told = refusal(bought.book(3, mode=BEST))
    assert [step for step, _ in failed(told)] == [41, 42, 43]


def test_failures_beside_bookings_are_told_in_order_although_choices_were_tried_first() -> None:
    bought = Bought()
    bought.fill(1, 3)

    told = result(bought.book(3, mode=BEST))
    assert [step for step, _ in failed(told)] == [41, 43]


def test_a_step_that_the_package_does_not_have_comes_last() -> None:
    bought = Bought()
    bought.fill(1)
    stranger = {"course_step_id": 49, "course_step_option_id": 69}
    verdict = bought.book_these([stranger, bought.choice(1)])

    told = refusal(verdict)
    assert failed(told) == [(41, "session_full"), (49, "option_invalid")]
    assert told["failures"][1]["message"] == RefusalCode.OPTION_INVALID.sentence
    # nothing can be offered for a step that isn't there
    assert [r.wish.step.course_step_id for r in verdict.offering if r.wish] == [41]


def test_a_step_that_the_package_does_not_have_says_so_and_the_others_are_booked() -> None:
    bought = Bought()
    stranger = {"course_step_id": 49, "course_step_option_id": 69}
    alone = refusal(bought.book_these([stranger]))
    assert alone["detail"] == "step 49 is not one of package 31"

    told = result(bought.book_these([stranger, bought.choice(1)], mode=BEST))
    assert told["manual_selections"] == [41]
    assert failed(told) == [(49, "option_invalid")]


def test_two_choices_of_one_session_cannot_both_be_had() -> None:
    bought = Bought()
    same = bought.option(bought.steps[2], 51)
    verdict = bought.book_these([bought.choice(1), bought.choice(2, course_step_option_id=same.id)])

    assert failed(refusal(verdict)) == [(42, "already_in_session")]
    assert bought.desk.held_by(STUDENT) == []
    assert bought.sessions[1].seats_taken == 0


def test_a_session_that_is_planned_for_one_step_keeps_its_time_from_the_next() -> None:
    bought = Bought()
    bought.sessions[2].start_at = bought.sessions[1].end_at - INSTANT
    assert failed(result(bought.book(1))) == [(42, "time_conflict")]


def test_a_session_that_is_planned_for_one_step_may_touch_the_next() -> None:
    bought = Bought()
    bought.sessions[2].start_at = bought.sessions[1].end_at
    assert result(bought.book(1))["failures"] == []


def test_in_an_ordered_program_what_is_planned_counts_for_the_order() -> None:
    bought = Bought()
    for step in bought.steps.values():
        step.ordered = True
    bought.sessions[1].start_at = bought.sessions[3].start_at + HOUR

    told = result(bought.book(1, mode=BEST))
    assert failed(told) == [(42, "out_of_order"), (43, "out_of_order")]


def test_the_last_seat_that_is_planned_for_somebody_is_theirs() -> None:
    """Two sessions, one seat each: what the plan takes is given back before it is booked."""
    bought = Bought()
    bought.sessions[1].capacity_max = 1
    assert result(bought.book())["failures"] == []
    assert bought.sessions[1].seats_taken == 1


def test_a_plan_leaves_the_seats_that_the_student_holds_alone() -> None:
    bought = Bought()
    kept = bought.seat(STUDENT, bought.session(20 * DAY, group_class=59))
    bought.fill(2)
    bought.sessions[1].seats_taken = 1
    refusal(bought.book(1, 2))

    assert bought.desk.held_by(STUDENT) == [kept]
    assert bought.sessions[1].seats_taken == 1


@pytest.mark.parametrize("mode", [ALL, BEST])
def test_a_package_that_cannot_be_used_refuses_every_step_for_that_reason(mode: str) -> None:
    bought = Bought()
    for step in bought.steps.values():
        step.package_status = PackageStatus.CANCELLED
    verdict = bought.book(2, mode=mode)

    told = refusal(verdict)
    assert {name: told[name] for name in ("code", "detail", "message")} == {
        "code": "package_inactive",
        "detail": "package 31 is not active",
        "message": RefusalCode.PACKAGE_INACTIVE.sentence,
    }
    assert failed(told) == [(id_, "package_inactive") for id_ in (41, 42, 43)]
    assert verdict.offering == []


def test_an_expired_package_offers_for_each_step_of_its_own() -> None:
    bought = Bought()
    for step in bought.steps.values():
        step.expires_at = ASKED - INSTANT
    stranger = {"course_step_id": 49, "course_step_option_id": 69}
    verdict = bought.book_these([stranger, bought.choice(2)])

    told = refusal(verdict)
    assert failed(told) == [(id_, "package_expired") for id_ in (41, 42, 43, 49)]
    wishes = [r.wish for r in verdict.offering if r.wish]
    assert [(w.step.course_step_id, w.option_id, w.session_id, w.asked_at) for w in wishes] == [
        (40 + order, bought.options[order].id, None, ASKED) for order in (1, 2, 3)
    ]
    verdict.offering[0].alternatives.append({"session_id": 9})
    found = [failure["alternatives"] for failure in verdict.tell()["failures"]]
    assert found == [[{"session_id": 9}], [], [], []]


def test_what_was_asked_before_the_opening_is_refused() -> None:
    bought = Bought()
    for step in bought.steps.values():
        step.booking_opens_at = ASKED + INSTANT
    told = refusal(bought.book())
    assert told["code"] == "not_open_yet"

    for step in bought.steps.values():
        step.booking_opens_at = ASKED
    assert result(bought.book())


def test_a_wish_of_a_choice_names_its_option_and_session() -> None:
    bought = Bought()
    bought.fill(1)
    chosen = bought.choice(1, session_id=bought.sessions[1].id)
    verdict = bought.book_these([chosen])

    (offered,) = verdict.offering
    assert offered.wish is not None
    assert offered.wish.option_id == bought.options[1].id
    assert offered.wish.session_id == bought.sessions[1].id
    assert offered.wish.asked_at == ASKED


def test_what_is_found_for_a_failure_is_told_with_it() -> None:
    bought = Bought()
    bought.fill(1)
    verdict = bought.book()
    verdict.offering[0].alternatives.append({"session_id": 9})

    assert result(verdict)["failures"][0]["alternatives"] == [{"session_id": 9}]


def test_a_choice_of_a_step_that_is_booked_already_breaks_it() -> None:
    bought = Bought()
    bought.holds(bought.steps[2], bought.sessions[2])

    told = refusal(bought.book(2))
    assert failed(told) == [(42, "step_already_booked")]
    assert told == reads(RefusalCode.STEP_ALREADY_BOOKED, "step 42 is booked") | {
        "failures": told["failures"]
    }
    assert code(bought.book(2, mode=ALL)) == "step_already_booked"
