"""The facts of a letter as the words that its template fills in: plain, on one line each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from models.booking_job import JobStatus
from models.job_letters import JobLetter, Unmet
from models.letters import Letter
from models.refusal import RefusalCode
from models.until import Until
from models.webhook_letters import WebhookLetter
from tasks.letterhead import Letterhead
from tasks.letters.orders import Order
from tasks.letters.refusal_sentences import refusal_sentence
from tasks.wording.languages import Language
from tasks.wording.moments import Span, clocks_differ, moment, span
from tasks.wording.plain_text import plain


@dataclass(frozen=True, slots=True)
class Seat:
    """What it is about, in which class, when by the venue's clocks, and by the reader's own.

    The times are None where no session is named, the reader's where they are the same;
    `is_any` where any session of the class is waited for.
    """

    what: str
    program: str | None
    group_class: str | None
    teacher: str | None
    when: Span | None
    at_home: Span | None
    is_any: bool = False

    @property
    def name(self) -> str:
        """What it is about, with its course."""
        return f"{self.program}, {self.what}" if self.program else self.what


@dataclass(frozen=True, slots=True)
class UntilWords:
    """Until when a seat can be changed and given back; None where that is over."""

    change: str | None
    cancel: str | None


@dataclass(frozen=True, slots=True)
class Missed:
    """A step that couldn't be had, why, and what could be taken instead."""

    what: str | None
    sentence: str
    alternatives: list[Seat]
    waitlist_open: bool


def words_of(
    order: Order, letterhead: Letterhead, language: Language, now: datetime
) -> dict[str, Any]:
    """The words by the names that templates know them by."""
    letter = order.letter
    common: dict[str, Any] = {
        "language": language,
        "name": plain(letter.name),
        "sender": plain(letterhead.name),
        "page_url": letterhead.page_url,
        **dict.fromkeys(("seat", "before", "reason", "until", "unsubscribe_url")),
        "alternatives": [],
        "missed": [],
        "has_begun": False,
    }
    if isinstance(letter, JobLetter):
        return common | _job_words(letter, language, now)
    if isinstance(letter, WebhookLetter):
        return common | _webhook_words(letter, language)
    return common | _seat_words(order, letter, letterhead, language, now)


def _seat_words(
    order: Order, letter: Letter, letterhead: Letterhead, language: Language, now: datetime
) -> dict[str, Any]:
    token = order.unsubscribe_token
    before = span(*order.before, letter.venue_time_zone, language) if order.before else None
    return {
        "seat": _seat(letter, language),
        "has_begun": letter.start_at is not None and letter.start_at <= now,
        "before": before,
        "reason": plain(letter.reason) if letter.reason else None,
        "until": _until(letter.until, letter.time_zone, language, now),
        "alternatives": _offers(order.alternatives, letter.time_zone, language, now),
        "unsubscribe_url": letterhead.unsubscribe_url(token) if token else None,
    }


def _seat(letter: Letter | JobLetter, language: Language) -> Seat:
    program, group_class = letter.program_title, letter.group_class_name
    what = _step(letter.step_label, letter.step_title)
    teacher = letter.teacher_name if isinstance(letter, Letter) else None
    zone = letter.venue_time_zone or letter.time_zone
    when, at_home = _times(letter.start_at, letter.end_at, zone, letter.time_zone, language)
    return Seat(
        what=what or plain(program or group_class or ""),
        program=plain(program) if program and what else None,
        group_class=plain(group_class) if group_class else None,
        teacher=plain(teacher) if teacher else None,
        when=when,
        at_home=at_home,
        is_any=isinstance(letter, Letter) and when is None,
    )


def _step(label: str | None, title: str | None) -> str | None:
    return plain(f"{label}: {title}") if label is not None else None


def _times(
    start_at: datetime | None, end_at: datetime | None, venue: str, home: str, language: Language
) -> tuple[Span | None, Span | None]:
    if start_at is None or end_at is None:
        return None, None
    elsewhere = clocks_differ(start_at, venue, home)
    at_home = span(start_at, end_at, home, language) if elsewhere else None
    return span(start_at, end_at, venue, language), at_home


def _until(until: Until | None, home: str, language: Language, now: datetime) -> UntilWords | None:
    if until is None:
        return None
    return UntilWords(
        *(
            moment(last, home, language) if now <= last else None
            for last in (until.change, until.cancel)
        )
    )


def _offers(
    offers: Iterable[Mapping[str, Any]], home: str, language: Language, now: datetime
) -> list[Seat]:
    """Those that are still to come: a letter may leave a day late, or once more."""
    coming = [offer for offer in offers if datetime.fromisoformat(offer["start_at"]) > now]
    return [_offer(offer, home, language) for offer in coming]


def _offer(offer: Mapping[str, Any], home: str, language: Language) -> Seat:
    start_at = datetime.fromisoformat(offer["start_at"])
    end_at = datetime.fromisoformat(offer["end_at"])
    when, at_home = _times(start_at, end_at, offer["time_zone"], home, language)
    return Seat(
        what=plain(offer["group_class_name"]),
        program=None,
        group_class=None,
        teacher=plain(offer["teacher_name"]),
        when=when,
        at_home=at_home,
    )


def _job_words(letter: JobLetter, language: Language, now: datetime) -> dict[str, Any]:
    return {
        "seat": _seat(letter, language),
        "request": _request(letter),
        "missed": [_missed(unmet, letter.time_zone, language, now) for unmet in letter.unmet],
    }


def _request(letter: JobLetter) -> str:
    """What was asked for, or how far it went where it wasn't refused."""
    if letter.status != JobStatus.SUCCEEDED:
        return letter.kind
    return "PARTLY" if letter.unmet else "NOTHING_TO_DO"


def _missed(unmet: Unmet, home: str, language: Language, now: datetime) -> Missed:
    until = unmet.waitlist_until
    is_closed = until is not None and until <= now
    # only of what is full the sentence may offer a waitlist, and the code's own doesn't
    message = RefusalCode.SESSION_FULL.sentence if is_closed else unmet.message
    return Missed(
        what=_step(unmet.step_label, unmet.step_title),
        sentence=plain(refusal_sentence(unmet.code, message, language)),
        alternatives=_offers(unmet.alternatives, home, language, now),
        waitlist_open=until is not None and not is_closed,
    )


def _webhook_words(letter: WebhookLetter, language: Language) -> dict[str, Any]:
    zone, since = letter.time_zone, letter.failing_since
    return {
        # not all of the address: it may hold a secret
        "host": plain(urlsplit(letter.url).hostname or ""),
        "disabled_reason": letter.disabled_reason,
        "disabled_at": moment(letter.disabled_at, zone, language) if letter.disabled_at else None,
        "failing_since": moment(since, zone, language) if since else None,
    }
