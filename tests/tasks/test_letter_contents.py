"""What stands in a letter beside its sentences: headers, addresses, windows, nothing hostile."""

from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest

from models.judging import FULL_BUT_OPEN
from models.letter_topics import TELLING_A_SEAT_HELD, LetterTopic
from models.letters import Letter
from models.until import Until
from models.webhook import DisabledReason
from models.webhook_letters import WebhookLetter
from tasks.letterhead import Letterhead
from tasks.letters.orders import Order
from tasks.letters.samples import sample
from tasks.letters.writing import write_letter
from tasks.wording.languages import languages
from tests.tasks.letter_parts import (
    LETTERHEAD,
    MESSAGE_ID,
    NOW,
    content,
    html_of,
    text_of,
    write,
)

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "Eve\r\nBcc: all@x.example\r\n\r\nAnother body",
    "\u202egnp.exe\u202c \u2066isolated\u2069",
    "x" * 500,
    "{braces} {{ braces }} {% raise %} {0}",
    "%(name)s %(x)s 100% %s %%",
    "Zoë \u2028 line \x85 separators \x1b[31m",
    "=?utf-8?q?a=0D=0ABcc:_all=40x.example?=",
    "a, b; c <d@e.example>",
]


def hostile(topic: str, words: str, language: str) -> Order:
    order = sample(topic, NOW)
    letter, told = order.letter, {"name": words, "locale": language}
    if isinstance(letter, WebhookLetter):
        return replace(order, letter=replace(letter, **told))
    told |= {"program_title": words, "step_label": words, "step_title": words}
    told |= {"group_class_name": words} if letter.group_class_name else {}
    if isinstance(letter, Letter):
        told |= {"teacher_name": words, "reason": words if letter.reason else None}
        offers = [dict(o) | {"group_class_name": words} for o in order.alternatives]
        return replace(order, letter=replace(letter, **told), alternatives=offers)
    unmet = [replace(one, message=words, code="unknown") for one in letter.unmet]
    return replace(order, letter=replace(letter, unmet=unmet, **told))


def usual(topic: str, language: str) -> Order:
    order = sample(topic, NOW)
    return replace(order, letter=replace(order.letter, locale=language))


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_stay_words(words: str, language: str) -> None:
    for topic in LetterTopic:
        message, model = write(hostile(topic, words, language)), write(usual(topic, language))
        page = html_of(message)
        assert message.keys() == model.keys(), topic
        assert [name for name, _ in page.elements] == [name for name, _ in html_of(model).elements]
        assert page.addresses() == html_of(model).addresses()
        assert len(list(message.walk())) == len(list(model.walk()))
        said = str(message["Subject"]) + content(message, "plain") + page.words
        assert not set(said) & set("\u202e\u202c\u2066\u2069\x1b\x85\u2028\r")
        assert "\n" not in message["Subject"]
        assert len(message["Subject"]) < 200
        assert [to.addr_spec for to in message["To"].addresses] == ["ada@students.example"]


def test_no_line_is_longer_than_a_mail_server_takes() -> None:
    for words in "ö" * 500, "x" * 500, "😀" * 500, "wörter und " * 45:
        message = hostile("session_cancelled", words, "de")
        printed = write_letter(message, MESSAGE_ID, LETTERHEAD, NOW).as_bytes()
        assert max(len(line) for line in printed.split(b"\r\n")) <= 998
        assert f"Guten Tag {words.strip()}," in text_of(write(message))


def test_what_looks_encoded_is_not_decoded() -> None:
    subject = write(hostile("booking_confirmed", "=?utf-8?q?encoded?=", "en"))["Subject"]
    assert subject.strip().startswith("Booked: = ?utf-8?q?encoded?=")


@pytest.mark.parametrize("words", ["<b>bold</b> & co", "{{ 7 * 7 }} %(x)s {x}", "100% of %s"])
def test_odd_names_are_shown_as_they_are(words: str) -> None:
    message = write(hostile("booking_confirmed", words, "en"))
    assert f"Hello {words}," in text_of(message)
    assert f"Hello {words}," in html_of(message).words
    assert words in message["Subject"]


def test_a_letter_says_who_sent_it_when_and_that_no_person_did() -> None:
    message = write(sample("booking_confirmed", NOW))
    assert message["From"] == "School <school@x.example>"
    assert message["Message-ID"] == f"<{MESSAGE_ID}@x.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert parsedate_to_datetime(message["Date"]) == NOW
    assert message["Content-Language"] == "en"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == [
        "text/plain",
        "text/html",
    ]


@pytest.mark.parametrize("path", ["", "/a/rather/long/prefix" * 6])
def test_reminders_and_nothing_else_can_be_ended_by_one_click(path: str) -> None:
    letterhead = Letterhead(LETTERHEAD.sender, f"https://booking.x.example{path}")
    for topic in LetterTopic:
        order = sample(topic, NOW)
        token = "secret-token" if topic == "reminder" else None
        message = write(replace(order, unsubscribe_token=token), letterhead=letterhead)
        address = f"{letterhead.public_url}/api/unsubscribe/secret-token"
        if topic == "reminder":
            assert message["List-Unsubscribe"] == f"<{address}>"
            assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
            assert address in text_of(message)
            assert address in html_of(message).addresses()
        else:
            assert message["List-Unsubscribe"] is message["List-Unsubscribe-Post"] is None
            assert "secret-token" not in message.as_string()


def test_a_reminder_without_a_token_offers_nothing_to_click() -> None:
    order = sample("reminder", NOW)
    message = write(replace(order, unsubscribe_token=None))
    assert message["List-Unsubscribe"] is None
    assert "unsubscribe" not in message.as_string()


@pytest.mark.parametrize("topic", [topic for topic in LetterTopic if topic != "webhook_disabled"])
def test_a_letter_leads_to_the_students_page(topic: str) -> None:
    message = write(sample(topic, NOW))
    assert "https://booking.x.example/" in text_of(message).split()
    assert "https://booking.x.example/" in html_of(message).addresses()


def test_the_html_needs_nothing_from_elsewhere_and_stays_narrow() -> None:
    message = write(sample("session_cancelled", NOW))
    page = html_of(message)
    assert {"img", "script", "link", "form", "iframe"}.isdisjoint(n for n, _ in page.elements)
    assert "max-width: 600px" in content(message, "html")
    assert "prefers-color-scheme: dark" in content(message, "html")
    hidden = [a for n, a in page.elements if a.get("class") == "preheader"]
    assert "display: none" in hidden[0]["style"]


def test_windows_that_are_over_are_not_promised() -> None:
    def told(until: Until | None) -> str:
        order = sample("booking_confirmed", NOW)
        return text_of(write(replace(order, letter=replace(order.letter, until=until))))  # type: ignore[arg-type]  # of a letter's kind

    soon, gone = NOW + timedelta(hours=1), NOW - timedelta(hours=1)
    later = NOW + timedelta(hours=2)
    assert "change or cancel it until Thursday" in told(Until(soon, soon))
    both = told(Until(change=soon, cancel=later))
    assert "change it until Thursday, October 1, 2026, 11:30 AM" in both
    assert "cancel it until Thursday, October 1, 2026, 12:30 PM" in both
    assert "To cancel it, please ask" in told(Until(change=soon, cancel=gone))
    assert "To change it, please ask" in told(Until(change=gone, cancel=soon))
    assert "please tell the school" in told(Until(gone, gone))
    assert "please tell the school" in told(None)


@pytest.mark.parametrize(
    ("reason", "since", "words"),
    [
        (DisabledReason.GONE, None, "It answered that it is gone for good (410)."),
        (DisabledReason.FAILING, NOW, "Nothing has got through since Thursday, October 1"),
        (DisabledReason.FAILING, None, "Nothing has got through for days."),
        (DisabledReason.STAFF, None, "A member of staff switched it off."),
    ],
)
def test_staff_are_told_why_a_webhook_is_off_and_not_its_whole_address(
    reason: DisabledReason, since: object, words: str
) -> None:
    order = sample("webhook_disabled", NOW)
    letter = replace(order.letter, disabled_reason=reason, failing_since=since)  # type: ignore[arg-type]  # of a letter's kind
    message = write(replace(order, letter=letter))
    assert words in text_of(message)
    assert words in html_of(message).words
    assert "hooks.example" in message["Subject"]
    assert "key=secret" not in message.as_string()


@pytest.mark.parametrize("topic", ["session_cancelled", "request_refused"])
def test_sessions_that_have_begun_are_offered_no_more(topic: str) -> None:
    order = sample(topic, NOW)
    offered = "free seat"
    in_time, late = text_of(write(order)), text_of(write(order, NOW + timedelta(days=90)))
    assert offered in in_time
    assert offered not in late


@pytest.mark.parametrize("topic", TELLING_A_SEAT_HELD)
def test_a_letter_that_leaves_after_the_start_says_so_and_looks_forward_to_nothing(
    topic: LetterTopic,
) -> None:
    order = sample(topic, NOW)
    in_time = text_of(write(order))
    late = write(order, order.letter.start_at)  # type: ignore[union-attr, arg-type]  # of a letter's kind
    assert "has begun" not in in_time
    for said in text_of(late), html_of(late).words:
        assert "has begun by now" in said
        for forward in "See you there", "You can", "If you can't", "is yours":
            assert forward not in said


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_waitlist_that_is_closed_by_now_is_offered_no_more(language: str) -> None:
    order = sample("request_refused", NOW)
    [unmet] = order.letter.unmet  # type: ignore[union-attr]  # of a letter's kind
    told = replace(unmet, message=FULL_BUT_OPEN)
    order = replace(order, letter=replace(order.letter, unmet=[told], locale=language))  # type: ignore[arg-type]  # of a letter's kind
    last, word = unmet.waitlist_until, "Warteliste" if language == "de" else "waitlist"
    assert word in text_of(write(order, last - timedelta(microseconds=1)))
    assert word not in text_of(write(order, last))
