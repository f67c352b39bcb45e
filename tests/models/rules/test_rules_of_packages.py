"""When a package and its program can be used, judged without a database."""

from datetime import timedelta

import pytest

from models.booking_job import JobKind
from models.enrolment import PackageStatus
from models.refusal import RefusalCode
from tests.models.rules.situation import (
    ASKED,
    COHORT,
    DAY,
    INSTANT,
    NOW,
    OTHER_CLASS,
    PACKAGE,
    Situation,
    code,
    code_if_refused,
    reads,
    refusal,
    result,
)

BOOK = JobKind.BOOK_STEP


def test_a_cancelled_package_cannot_be_used() -> None:
    situation = Situation()
    verdict = situation.book(situation.step(package_status=PackageStatus.CANCELLED))

    assert refusal(verdict) == reads(
        RefusalCode.PACKAGE_INACTIVE, f"package {PACKAGE} is not active"
    )


def test_a_package_can_be_used_up_to_the_instant_of_its_end() -> None:
    situation = Situation()
    step = situation.step(expires_at=ASKED)
    session = situation.session()

    # the session's own time is what stands against it then, not the asking
    verdict = situation.ask(BOOK, step, situation.option(step), session)
    assert refusal(verdict) == reads(
        RefusalCode.PACKAGE_EXPIRED,
        f"session {session.id} starts after the package expires at {ASKED.isoformat()}",
    )


def test_a_package_cannot_be_used_an_instant_after_its_end() -> None:
    situation = Situation()
    end = ASKED - INSTANT

    assert refusal(situation.book(situation.step(expires_at=end))) == reads(
        RefusalCode.PACKAGE_EXPIRED,
        f"package {PACKAGE} expired at {end.isoformat()}",
        "This course package has expired. Please ask the school whether it can be extended.",
    )


@pytest.mark.parametrize(
    ("ends_in", "told"), [(7 * DAY, None), (7 * DAY - INSTANT, "package_expired")]
)
def test_a_session_may_start_the_instant_the_package_ends_and_no_later(
    ends_in: timedelta, told: str | None
) -> None:
    situation = Situation()
    verdict = situation.book(situation.step(expires_at=NOW + ends_in))
    assert code_if_refused(verdict) == told


def test_where_there_is_a_choice_the_end_of_the_package_is_judged_of_each_session() -> None:
    situation = Situation()
    step = situation.step(expires_at=NOW + 4 * DAY)
    option = situation.option(step)
    situation.session(7 * DAY)
    situation.session(8 * DAY)
    assert code(situation.ask(BOOK, step, option)) == "package_expired"

    within = situation.session(4 * DAY)
    booked = result(situation.ask(BOOK, step, option))
    assert booked["booking"]["session_id"] == within.id


def test_where_one_session_is_meant_the_packages_end_goes_before_the_opening() -> None:
    situation = Situation()
    step = situation.step(expires_at=NOW + DAY, booking_opens_at=NOW + DAY)
    option = situation.option(step)
    session = situation.session()
    assert code(situation.ask(BOOK, step, option, session)) == "package_expired"
    assert code(situation.ask(BOOK, step, option)) == "not_open_yet"

    situation.pin(option, session, COHORT)
    assert code(situation.ask(BOOK, step, option)) == "package_expired"


def test_the_end_of_the_package_is_no_reason_against_a_session_that_cannot_be_meant() -> None:
    situation = Situation()
    step = situation.step(expires_at=NOW + DAY)
    elsewhere = situation.session(group_class=OTHER_CLASS)

    verdict = situation.ask(BOOK, step, situation.option(step), elsewhere)
    assert code(verdict) == "session_invalid"


def test_a_program_can_be_booked_from_the_instant_of_its_opening() -> None:
    situation = Situation()
    assert result(situation.book(situation.step(booking_opens_at=ASKED)))


def test_a_program_cannot_be_booked_an_instant_before_its_opening() -> None:
    situation = Situation()
    opens = ASKED + INSTANT

    assert refusal(situation.book(situation.step(booking_opens_at=opens))) == reads(
        RefusalCode.NOT_OPEN_YET, f"booking opens at {opens.isoformat()}"
    )
