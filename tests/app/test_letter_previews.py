"""The pages that show every letter to whoever writes the templates, and to nobody else."""

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from app.settings import Settings
from models.letter_topics import LetterTopic
from models.refusal import RefusalCode
from tasks.wording.languages import languages

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.append(str(dict(attrs)["href"]))


@pytest.fixture
def client(settings: Settings) -> FlaskClient:
    return client_of(settings)


def client_of(settings: Settings, **changes: Any) -> FlaskClient:
    return create_app(replace(settings, **changes)).test_client()


def test_every_letter_is_listed_and_shown_in_every_language(client: FlaskClient) -> None:
    listed = Links()
    listed.feed(client.get("/preview/letters").text)
    assert len(listed.found) == len(LetterTopic) * len(languages()) * 2
    for link in listed.found:
        answer = client.get(link)
        assert answer.status_code == 200, link
        assert answer.headers["Content-Security-Policy"] == POLICY
        wanted = "text/plain" if "format=text" in link else "text/html"
        assert answer.content_type == f"{wanted}; charset=utf-8"
        greeting = "Guten Tag Ada" if "language=de" in link else "Hello Ada"
        assert greeting in answer.text


@pytest.mark.parametrize("code", RefusalCode)
def test_every_refusal_can_be_looked_at_in_its_letter(
    client: FlaskClient, code: RefusalCode
) -> None:
    text = client.get(f"/preview/letters/request_refused?code={code}&format=text").text
    assert code.sentence in " ".join(text.split())
    assert ("Wheel, weekend" in text) is code.another_session_helps


def test_the_letter_leads_to_this_installation(settings: Settings) -> None:
    client = client_of(settings, public_url="https://booking.x.example/school")
    text = client.get("/preview/letters/reminder?format=text").text
    assert text.startswith("Subject: Coming up: ")
    assert "https://booking.x.example/school/api/unsubscribe/" in text


@pytest.mark.parametrize(
    "path",
    [
        "nothing",
        "../letter.css",
        "layout",
        "booking_confirmed?format=pdf",
        "%2e%2e%2flayout",
        "request_refused?code=none",
    ],
)
def test_what_is_no_letter_is_not_found(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/preview/letters/{path}")
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"


def test_an_unknown_language_is_shown_in_english(client: FlaskClient) -> None:
    assert "Hello Ada" in client.get("/preview/letters/reminder?language=xx").text


@pytest.mark.parametrize(
    "changes", [{"smtp_url": "smtp://mail.x.example"}, {"host": "0.0.0.0"}, {"host": "10.0.0.7"}]
)
def test_where_others_could_look_there_is_nothing(
    settings: Settings, changes: dict[str, str]
) -> None:
    client = client_of(settings, **changes)
    for path in ("/preview/letters", "/preview/letters/reminder"):
        assert client.get(path).status_code == 404


def test_the_document_of_the_api_says_nothing_of_it(client: FlaskClient) -> None:
    paths = client.get("/api/openapi.json").json["paths"]
    assert not [path for path in paths if path.startswith("/preview")]
