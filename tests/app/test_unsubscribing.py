"""Ending the reminders with one click (RFC 8058)."""

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from models.user_token import TokenPurpose
from models.user_tokens import token_of
from tasks.wording import languages
from tests.school import School

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
UNKNOWN = "A" * 43


class Subscriber:
    """A student who gets reminders, and the address in their mails."""

    def __init__(self, school: School, **columns: Any) -> None:
        self.school = school
        self.id = school.person(**columns)
        with school.engine.begin() as db:
            self.token = token_of(db, self.id, TokenPurpose.UNSUBSCRIBE, school.now)
        self.path = f"/api/unsubscribe/{self.token}"

    @property
    def reminders(self) -> bool:
        [(reminders,)] = self.school.rows(
            "SELECT reminders FROM user_account WHERE id = :id", id=self.id
        )
        return bool(reminders)


@pytest.fixture
def subscriber(school: School) -> Subscriber:
    return Subscriber(school)


@pytest.mark.parametrize(
    "body",
    [
        {"data": ONE_CLICK},
        {"data": ONE_CLICK, "content_type": "multipart/form-data"},
        {},
        {"data": b"", "content_type": "application/x-www-form-urlencoded"},
        {"data": b"anything", "content_type": "text/plain"},
        {"json": {}},
    ],
)
def test_one_post_of_any_kind_ends_the_reminders(
    client: FlaskClient, subscriber: Subscriber, school: School, body: dict[str, Any]
) -> None:
    other = Subscriber(school)
    answer = client.post(subscriber.path, **body)

    assert (answer.status_code, answer.json) == (200, {"reminders": False})
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert (subscriber.reminders, other.reminders) == (False, True)


def test_again_it_answers_the_same(client: FlaskClient, subscriber: Subscriber) -> None:
    answers = [client.post(subscriber.path, data=ONE_CLICK) for _ in range(2)]

    assert [(answer.status_code, answer.json) for answer in answers] == [
        (200, {"reminders": False})
    ] * 2
    assert not subscriber.reminders


def test_who_turned_reminders_on_again_can_end_them_again(
    client: FlaskClient, subscriber: Subscriber
) -> None:
    client.post(subscriber.path)
    subscriber.school.change("user_account", subscriber.id, reminders=True)
    client.post(subscriber.path)

    assert not subscriber.reminders


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_programs_that_follow_links_end_nothing(
    client: FlaskClient, subscriber: Subscriber, method: str
) -> None:
    assert client.open(subscriber.path, method=method).status_code == 200
    assert subscriber.reminders


def test_the_pages_button_ends_the_reminders_and_says_so(
    client: FlaskClient, subscriber: Subscriber
) -> None:
    page = client.get(subscriber.path)
    assert page.content_type == "text/html; charset=utf-8"
    assert re.findall(
        r"<form method=\"post\"><button name=\"([^\"]+)\" value=\"([^\"]+)\"", page.text
    ) == [("List-Unsubscribe", "One-Click")]
    assert "action=" not in page.text

    done = client.post(subscriber.path, data=ONE_CLICK, headers={"Accept": "text/html,*/*;q=0.8"})
    assert (done.status_code, done.content_type) == (200, page.content_type)
    assert "turn reminders on again" in done.text
    assert "<form" not in done.text
    assert not subscriber.reminders


def test_the_page_runs_no_script_and_shows_nobody_who_it_is_about(
    client: FlaskClient, school: School
) -> None:
    subscriber = Subscriber(school, name="Ada Lovelace", email="ada@school.example")
    page = client.get(subscriber.path)
    policy = page.headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "script" not in policy + page.text
    assert not re.search(r" style=|<style", page.text)
    assert not any(word in page.text for word in ("Ada", "ada@", subscriber.token))
    [sheet] = re.findall(r'href="([^"]+)"', page.text)
    assert client.get(sheet).content_type.startswith("text/css")
    assert page.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("asked", "locale", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "en", "de"),
        ("en-GB,en;q=0.9,de;q=0.3", "de", "en"),
        ("fr,it;q=0.5", "de-AT", "de"),
        ("fr", "it", "en"),
        ("", "de", "de"),
        ("", "en", "en"),
        ("*", "de", "de"),
        (";;q=,,", "de", "de"),
    ],
)
def test_the_page_speaks_the_browsers_language_or_else_the_persons(
    client: FlaskClient, school: School, asked: str, locale: str, language: str
) -> None:
    subscriber = Subscriber(school, locale=locale)
    for answer in (
        client.get(subscriber.path, headers={"Accept-Language": asked}),
        client.post(subscriber.path, headers={"Accept-Language": asked, "Accept": "text/html"}),
    ):
        assert f'<html lang="{language}" dir="ltr">' in answer.text
        assert answer.headers["Content-Language"] == language
        assert {"Accept", "Accept-Language"} <= set(answer.vary)
    assert ("Erinnerungen" in answer.text) == (language == "de")


def test_a_language_that_is_added_as_a_folder_is_spoken_by_the_page(
    client: FlaskClient, subscriber: Subscriber, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "he" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "thrive.po").write_text('msgid "Reminders"\nmsgstr "תזכורות"\n')
    monkeypatch.setattr(languages, "LOCALES", tmp_path)
    languages.nearest.cache_clear()
    page = client.get(subscriber.path, headers={"Accept-Language": "he-IL,de;q=0.9"})
    languages.nearest.cache_clear()

    assert '<html lang="he" dir="rtl">' in page.text
    assert "<h1>תזכורות</h1>" in page.text
    assert "Send me no more reminders" in page.text, "English where there is no other"


@pytest.mark.parametrize(
    "token", [UNKNOWN, "short", "A" * 44, "..%2Fadmin", "%00" * 43, "%C3%A9" * 43]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_address_that_was_never_given_is_unknown(
    client: FlaskClient, subscriber: Subscriber, method: str, token: str
) -> None:
    answer = client.open(f"/api/unsubscribe/{token}", method=method)

    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_the_address_of_a_calendar_ends_no_reminders(client: FlaskClient, school: School) -> None:
    subscriber = Subscriber(school)
    with school.engine.begin() as db:
        calendar = token_of(db, subscriber.id, TokenPurpose.CALENDAR, school.now)

    assert client.post(f"/api/unsubscribe/{calendar}").status_code == 404
    assert subscriber.reminders


def test_a_body_that_is_too_large_is_refused(client: FlaskClient, subscriber: Subscriber) -> None:
    announced = client.post(subscriber.path, data=b"x" * (64 * 1024 + 1))
    chunked = client.post(
        subscriber.path,
        input_stream=BytesIO(b"x" * (64 * 1024 + 1)),
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )

    assert [answer.status_code for answer in (announced, chunked)] == [413, 413]
    assert subscriber.reminders


def test_the_log_has_no_address(client: FlaskClient, subscriber: Subscriber) -> None:
    with capture_logs() as lines:
        client.get(subscriber.path)
        client.post(subscriber.path)

    routes = [line["route"] for line in lines if line["event"] == "request"]
    assert routes == ["/api/unsubscribe/<token:token>"] * 2
    assert subscriber.token not in str(lines)


def test_the_document_says_what_a_click_sends_and_gets(client: FlaskClient) -> None:
    operations = client.get("/api/openapi.json").json["paths"]["/api/unsubscribe/{token}"]
    click, page = operations["post"], operations["get"]

    assert set(click["requestBody"]["content"]) == {
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    }
    assert set(click["responses"]["200"]["content"]) == {"application/json", "text/html"}
    assert set(page["responses"]["200"]["content"]) == {"text/html"}
    assert {"400", "404", "413", "503"} <= set(click["responses"])
    assert not {"401", "415", "422"} & set(click["responses"])
    assert (click["security"], page["security"]) == ([], [])
