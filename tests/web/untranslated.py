"""A language without Latin letters, and the Latin words that a page has in it all the same.

Neither the language's catalog has any, nor its dates, nor what the people of its school wrote: what
is found is what nobody could translate.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po
from sqlalchemy import Engine, update

from models.catalog import CourseProgram, CourseStep, GroupClass
from models.enrolment import StudentPackage
from models.people import UserAccount
from tasks.wording import languages

LANGUAGE, ZONE = "ja", "Asia/Tokyo"
SAME_EVERYWHERE = {"Thrive", "English", "UTC", "GMT"}
TOLD = {"alt", "aria-label", "placeholder", "title"}
"""The attributes that are read to people."""

_LETTER = re.compile(r"%\(\w+\)s|[A-Za-z]")
_WORD = re.compile(r"[A-Za-z]+(?:[/_'-][A-Za-z]+)*")


@contextmanager
def language_without_latin_letters(folder: Path) -> Iterator[None]:
    """Write in that language alone, besides English, with a catalog of all that German has."""
    file = folder / LANGUAGE / "LC_MESSAGES" / "thrive.po"
    file.parent.mkdir(parents=True)
    with file.open("wb") as opened:
        write_po(opened, _foreign_catalog())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(languages, "LOCALES", folder)
        languages.nearest.cache_clear()
        yield
    languages.nearest.cache_clear()


def _foreign_catalog() -> Catalog:
    catalog = Catalog(locale=LANGUAGE)
    with (languages.LOCALES / "de" / "LC_MESSAGES" / "thrive.po").open("rb") as german:
        for message in read_po(german):
            one = isinstance(message.id, str)
            catalog.add(message.id, _foreign(message.id) if one else (_foreign(message.id[1]),))
    return catalog


def _foreign(sentence: str) -> str:
    return _LETTER.sub(lambda found: found[0] if found[0][0] == "%" else "あ", sentence)


def name_all(engine: Engine) -> None:
    """Let everybody read that language, and everything have a name in it."""
    with engine.begin() as db:
        db.execute(update(UserAccount).values(name="人", locale=LANGUAGE, time_zone=ZONE))
        db.execute(update(GroupClass).values(name="組"))
        db.execute(update(CourseProgram).values(title="講座"))
        db.execute(update(CourseStep).values(label="段", title="階段"))
        db.execute(update(StudentPackage).values(package_name="包"))


def latin_words(html: str) -> set[str]:
    """The Latin words that are shown, or read to people; names of time zones aren't counted."""
    words = _Words()
    words.feed(html)
    words.close()
    return {word for word in words.found - SAME_EVERYWHERE if "/" not in word}


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_data(self, data: str) -> None:
        self.found.update(_WORD.findall(data))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser names it
        for name, value in attrs:
            if name in TOLD:
                self.handle_data(value or "")
            elif name == "data-words":
                sentences = json.loads(value or "").values()
                self.handle_data(" ".join(sentences).replace("%(number)s", ""))
