"""The languages of letters: nothing is left untranslated, and each reader gets the nearest."""

import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.pofile import read_po

from app.settings import CHECKOUT
from models.letter_topics import LetterTopic
from models.letters import Letter
from tasks.letters.orders import Order
from tasks.letters.rendering import TEMPLATES
from tasks.letters.samples import sample
from tasks.wording.languages import LOCALES, languages, nearest
from tasks.wording.moments import MINUS
from tests.tasks.letter_parts import NOW, html_of, text_of, write

PLACEHOLDER = re.compile(r"%\(\w+\)s")
TRANSLATED = [language for language in languages() if language != "en"]


def in_language(topic: str, language: str) -> Order:
    order = sample(topic, NOW)
    return replace(order, letter=replace(order.letter, locale=language))


def confirmed(**facts: object) -> Order:
    order = sample("booking_confirmed", NOW)
    return replace(order, letter=replace(order.letter, **facts))  # type: ignore[arg-type]  # of a letter's kind


@pytest.fixture(scope="module")
def sentences(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """All that there is to translate, found as `make translations` finds it."""
    template = tmp_path_factory.mktemp("catalog") / "thrive.pot"
    command = ["babel.messages.frontend", "extract", "--mapping-file", "tasks/wording/babel.cfg"]
    subprocess.run(
        [sys.executable, "-m", *command, "--output-file", str(template), "."],
        cwd=CHECKOUT,
        check=True,
        capture_output=True,
    )
    return read_catalog(template)


def read_catalog(file: Path) -> Catalog:
    with file.open("rb") as opened:
        return read_po(opened)


def test_every_topic_has_its_template_and_sample_and_no_template_is_left_over() -> None:
    assert sorted(file.stem for file in (TEMPLATES / "topics").iterdir()) == sorted(LetterTopic)
    assert [sample(topic, NOW).topic for topic in LetterTopic] == [*LetterTopic]


def test_german_is_among_the_languages() -> None:
    assert TRANSLATED == ["de"]


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_translated_and_none_is_left_over(
    language: str, sentences: Catalog
) -> None:
    file = LOCALES / language / "LC_MESSAGES" / "thrive.po"
    catalog = read_catalog(file)
    wanted = {message.id for message in sentences if message.id}
    known = {message.id for message in catalog if message.id}
    assert len(wanted) > 100
    assert known == wanted, (
        f"`make translations` puts these into {file.relative_to(CHECKOUT)} and takes those out;"
        f" then write the msgstr of each: {wanted - known}, {known - wanted}"
    )
    assert [message.id for message in catalog if message.id and message.fuzzy] == []
    for message in catalog:
        for said in forms(message.string) if message.id else ():
            assert said, f"{file.relative_to(CHECKOUT)}: no msgstr of {message.id!r}"
            wanted_words = sorted(PLACEHOLDER.findall(forms(message.id)[0]))
            assert sorted(PLACEHOLDER.findall(said)) == wanted_words


def forms(sentence: str | Sequence[str]) -> Sequence[str]:
    """A sentence about a number has a form for one and for many."""
    return (sentence,) if isinstance(sentence, str) else sentence


def test_the_sentences_of_refusals_problems_and_pages_are_among_them(sentences: Catalog) -> None:
    assert "This session is full. Please choose another one." in sentences
    assert "This package has no such step." in sentences
    assert "Hello %(name)s," in sentences
    assert "This can't be done here." in sentences
    assert "You are next." in sentences
    assert "%(number)s free seat" in sentences


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("topic", LetterTopic)
def test_every_topic_can_be_written_in_every_language(topic: str, language: str) -> None:
    message = write(in_language(topic, language))
    assert message["Content-Language"] == language
    text, page = text_of(message), html_of(message)
    assert page.elements[0] == ("html", {"lang": language, "dir": "ltr"})
    assert "Ada Lovelace" in text
    assert "Ada Lovelace" in page.words
    assert "%(" not in text + page.words
    assert "None" not in text + page.words
    assert len(message["Subject"]) > len("Booked: ")


@pytest.mark.parametrize("topic", LetterTopic)
def test_no_topic_says_the_same_in_german_as_in_english(topic: str) -> None:
    english, german = write(in_language(topic, "en")), write(in_language(topic, "de"))
    assert english["Subject"] != german["Subject"]
    assert "Guten Tag Ada Lovelace," in text_of(german)
    same = set(sentences_of(text_of(english))) & set(sentences_of(text_of(german)))
    assert same == set()


def sentences_of(text: str) -> list[str]:
    said = re.split(r"(?<=[.!:]) ", text)
    return [one for one in said if len(one) > 45 and not one.startswith("https://")]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("de_DE", "de"),
        ("DE", "de"),
        ("de-XX", "de"),
        ("de-CH-1996", "de"),
        ("en-GB", "en"),
        ("fr", "en"),
        ("fr-CH", "en"),
        ("", "en"),
        ("nonsense", "en"),
        ("../../de", "en"),
        ("e", "en"),
    ],
)
def test_a_reader_gets_the_nearest_language(wanted: str, found: str) -> None:
    assert nearest(wanted).tag == found
    assert write(confirmed(locale=wanted))["Content-Language"] == found


def test_dates_and_times_are_written_as_the_readers_region_does() -> None:
    assert "Saturday, October 10, 2026, 12:00 PM–2:00 PM" in text_of(write(confirmed(locale="en")))
    british = text_of(write(confirmed(locale="en-GB")))
    assert "Saturday, 10 October 2026, 12:00–14:00" in british
    german = text_of(write(confirmed(locale="de-AT")))
    assert "Samstag, 10. Oktober 2026, 12:00–14:00, Ortszeit Berlin (GMT+02:00)" in german


def test_umlauts_arrive_in_every_part() -> None:
    letter = in_language("booking_changed", "de").letter
    assert isinstance(letter, Letter)
    umlauts = "Größe, Übermut & Äpfel für Jürgen"
    order = replace(in_language("booking_changed", "de"), letter=replace(letter, name=umlauts))
    message = write(order)
    assert str(message["Subject"]).startswith("Geändert: ")
    assert message["To"].addresses[0].display_name == umlauts
    for said in (text_of(message), html_of(message).words):
        assert f"Guten Tag {umlauts}," in said
        assert "Ändern oder stornieren können Sie bis" in said


def test_the_reader_is_told_their_own_time_where_clocks_differ_and_only_then() -> None:
    elsewhere = text_of(write(confirmed(locale="en-GB", time_zone="Asia/Kolkata")))
    assert "12:00–14:00, Berlin time (GMT+02:00)" in elsewhere
    assert (
        "Your time: Saturday, 10 October 2026, 15:30–17:30, Kolkata time (GMT+05:30)" in elsewhere
    )
    assert "Your time" not in text_of(write(confirmed(time_zone="Europe/Vienna")))


def test_a_zone_of_no_place_is_named_by_its_distance_from_greenwich() -> None:
    assert "PM, UTC" in text_of(write(confirmed(venue_time_zone="UTC")))
    assert "(GMT" not in text_of(write(confirmed(venue_time_zone="UTC", time_zone="UTC")))
    west = text_of(write(confirmed(time_zone="Etc/GMT+5", locale="en")))
    assert f"AM, GMT{MINUS}05:00" in west


def test_a_session_over_midnight_names_both_days() -> None:
    letter = sample("booking_confirmed", NOW).letter
    assert isinstance(letter, Letter)
    assert letter.start_at
    end = letter.start_at.replace(hour=23)
    text = text_of(write(confirmed(locale="en-GB", end_at=end)))
    assert "Saturday, 10 October 2026, 12:00–Sunday, 11 October 2026, 01:00" in text


def test_who_writes_no_letter_keeps_no_templates_and_catalogs_in_memory() -> None:
    heavy = "babel", "css_inline", "tasks.letters.writing", "tasks.letters.rendering"
    found = f"[name for name in {heavy!r} if name in sys.modules]"
    code = f"import sys, app.wsgi, tasks.bookings; print({found})"
    environ = {
        "DATABASE_URL": "postgresql://x/x",
        "REDIS_URL": "redis://x",
        "PATH": "",
        "JWT_SECRET": "a secret of the tests, 32 bytes or more",
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=CHECKOUT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr
