"""Who reads a page: their language, and times by the venue's clocks and by their own."""

from dataclasses import dataclass
from datetime import datetime

from flask import g, request

from app.api.auth import current_person
from app.clock import utc_now
from models.people import Person
from tasks.letters.refusal_sentences import refusal_sentence
from tasks.wording.languages import Language, asked_for, nearest
from tasks.wording.moments import Span, brief, clocks_differ, day_name, moment, span


@dataclass(frozen=True, slots=True)
class Reader:
    """The person, None before they sign in, and how they are told things at the instant `now`."""

    person: Person | None
    language: Language
    now: datetime

    @property
    def zone(self) -> str:
        """The name of their time zone."""
        return self.person.time_zone if self.person else "UTC"

    def span(self, start_at: datetime, end_at: datetime, zone: str) -> Span:
        """A session's time by the venue's clocks."""
        return span(start_at, end_at, zone, self.language)

    def at_home(self, start_at: datetime, end_at: datetime, zone: str) -> Span | None:
        """The same by the reader's clocks; None where these show the same."""
        if not clocks_differ(start_at, zone, self.zone):
            return None
        return span(start_at, end_at, self.zone, self.language)

    def moment(self, instant: datetime) -> str:
        """An instant by the reader's clocks."""
        return moment(instant, self.zone, self.language)

    def brief(self, instant: datetime) -> str:
        """An instant by the reader's clocks in few characters, for tables."""
        return brief(instant, self.zone, self.language)

    def day_name(self, instant: datetime) -> str:
        """The day of an instant by the reader's clocks."""
        return day_name(instant, self.zone, self.language)

    def refusal(self, code: str, message: str) -> str:
        """A refusal's sentence in the reader's language."""
        return refusal_sentence(code, message, self.language)


def current_reader() -> Reader:
    """The reader of this request's page."""
    person = current_person() if "user_id" in g else None
    return Reader(person, _language(person), utc_now())


def _language(person: Person | None) -> Language:
    """The person's own language; before they sign in, the one that their browser asks for."""
    if person is not None:
        return nearest(person.locale)
    return asked_for(request.accept_languages.values(), "")
