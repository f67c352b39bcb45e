"""A letter of each topic with made-up facts, to look at."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from models.booking_job import JobKind, JobStatus
from models.job_letters import JobLetter, Unmet
from models.letter_topics import LetterTopic
from models.letters import Letter
from models.refusal import RefusalCode
from models.until import Until
from models.webhook import DisabledReason
from models.webhook_letters import WebhookLetter
from tasks.letters.orders import Facts, Order

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def sample(topic: str, now: datetime) -> Order:
    """The order of a letter on this topic, some days after `now`; raises KeyError for no topic."""
    return _SAMPLES[topic](topic, now)


def _about_seat(**facts: Any) -> Callable[[str, datetime], Order]:
    def order(topic: str, now: datetime) -> Order:
        return Order(topic, replace(_seat(now), **facts))

    return order


def _seat(now: datetime) -> Letter:
    start = _next_hour(now) + 9 * DAY
    return Letter(
        **_reader(),
        program_title="Pottery for beginners",
        step_label="Step 1",
        step_title="First turns at the wheel",
        group_class_name="Wheel, Tuesday evening",
        teacher_name="Zoë Krüger",
        venue_time_zone="Europe/Berlin",
        start_at=start,
        end_at=start + 2 * HOUR,
        until=Until(start - DAY, start - DAY),
    )


def _reader() -> dict[str, Any]:
    return {
        "name": "Ada Lovelace",
        "email": "ada@students.example",
        "locale": "en",
        "time_zone": "Europe/London",
    }


def _next_hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0) + HOUR


def _with_time_before(topic: str, now: datetime) -> Order:
    start = _next_hour(now) + 7 * DAY
    return Order(topic, _seat(now), before=(start, start + 2 * HOUR))


def _with_alternatives(topic: str, now: datetime) -> Order:
    letter = replace(_seat(now), reason="The kiln has to be repaired.")
    return Order(topic, letter, alternatives=_offers(now))


def _offers(now: datetime) -> list[dict[str, Any]]:
    starts = [_next_hour(now) + days * DAY for days in (10, 12, 17)]
    return [
        {
            "group_class_name": "Wheel, weekend",
            "teacher_name": "Émile Durand",
            "time_zone": "Europe/Berlin",
            "start_at": start.isoformat(),
            "end_at": (start + 2 * HOUR).isoformat(),
        }
        for start in starts
    ]


def refused(code: RefusalCode, now: datetime) -> Order:
    """The order of the letter that says a booking was refused for this reason."""
    start = _next_hour(now) + 9 * DAY
    unmet = Unmet(
        step_label=None,
        step_title=None,
        code=code,
        message=code.sentence,
        alternatives=_offers(now) if code.another_session_helps else [],
        waitlist_until=start - 2 * HOUR if code == RefusalCode.SESSION_FULL else None,
    )
    return Order(
        LetterTopic.REQUEST_REFUSED, _job(JobKind.BOOK_STEP, JobStatus.REFUSED, start, [unmet])
    )


def _left(topic: str, _: datetime) -> Order:
    return Order(topic, _job(JobKind.LEAVE_WAITLIST, JobStatus.SUCCEEDED, None, []))


def _job(
    kind: JobKind, status: JobStatus, start_at: datetime | None, unmet: list[Unmet]
) -> JobLetter:
    return JobLetter(
        **_reader(),
        kind=kind,
        status=status,
        program_title="Pottery for beginners",
        step_label="Step 1",
        step_title="First turns at the wheel",
        group_class_name="Wheel, Tuesday evening" if start_at else None,
        venue_time_zone="Europe/Berlin" if start_at else None,
        start_at=start_at,
        end_at=start_at + 2 * HOUR if start_at else None,
        unmet=unmet,
    )


def _reminder(topic: str, now: datetime) -> Order:
    return Order(topic, _seat(now), unsubscribe_token="a-token-of-nobody")  # noqa: S106 - opens nothing


def _webhook(topic: str, now: datetime) -> Order:
    letter: Facts = WebhookLetter(
        **_reader(),
        url="https://hooks.example/thrive?key=secret",
        enabled=False,
        disabled_at=now,
        disabled_reason=DisabledReason.FAILING,
        failing_since=now - 5 * DAY,
    )
    return Order(topic, letter)


_SAMPLES: dict[str, Callable[[str, datetime], Order]] = {
    LetterTopic.BOOKING_CONFIRMED: _about_seat(),
    LetterTopic.BOOKING_CHANGED: _with_time_before,
    LetterTopic.BOOKING_CANCELLED: _about_seat(reason="I have to travel that week."),
    LetterTopic.WAITLIST_JOINED: _about_seat(start_at=None, end_at=None),
    LetterTopic.WAITLIST_PROMOTED: _with_time_before,
    LetterTopic.WAITLIST_ENDED: _about_seat(),
    LetterTopic.WAITLIST_LEFT: _left,
    LetterTopic.SESSION_CANCELLED: _with_alternatives,
    LetterTopic.SESSION_MOVED: _with_time_before,
    LetterTopic.BOOKING_RELEASED: _with_alternatives,
    LetterTopic.REMINDER: _reminder,
    LetterTopic.REQUEST_REFUSED: lambda _, now: refused(RefusalCode.SESSION_FULL, now),
    LetterTopic.WEBHOOK_DISABLED: _webhook,
}
