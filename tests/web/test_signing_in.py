"""Signing in to the pages: by a token that is handed over, for as long as it is valid."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from app import create_app
from app.settings import Settings
from app.tokens import issue_token
from app.web.own_path import own_path
from tests.documents.markdown import block
from tests.school import Course, School
from tests.web.browsing import OWN, Browser, text_of

SCHOOL = "https://school.example"


@pytest.fixture
def course(school: School) -> Course:
    return school.course()


@pytest.fixture
def student(course: Course) -> int:
    return course.enrol_one()[0]


def token_of(settings: Settings, user: int, minutes: int = 60) -> str:
    return issue_token(settings, user, timedelta(minutes=minutes), datetime.now(UTC))


def test_who_isnt_signed_in_is_led_there_and_back(browser: Browser, student: int) -> None:
    answer = browser.get("/profile?x=1")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in?next=%2Fprofile%3Fx%3D1&why=not_signed_in"
    fields = {"token": token_of(browser.settings, student), "next": "/profile?x=1"}
    assert browser.post("/sign-in", fields).headers["Location"] == "/profile?x=1"
    assert browser.get("/profile").status_code == 200


def test_the_cookie_is_hidden_from_scripts_and_ends_with_the_token(
    browser: Browser, student: int
) -> None:
    cookie = browser.sign_in(student).headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Expires=" in cookie


def test_over_https_the_cookie_is_sent_by_no_other_way(settings: Settings, student: int) -> None:
    https = replace(settings, public_url="https://booking.school.example")
    browser = Browser(create_app(https).test_client(), https)

    assert "Secure" in browser.sign_in(student).headers["Set-Cookie"]


def test_an_ended_sign_in_says_so_and_signs_in_again(browser: Browser, student: int) -> None:
    browser.client.set_cookie("thrive_token", token_of(browser.settings, student, minutes=-1))

    answer = browser.get("/")
    assert answer.headers["Location"].endswith("why=invalid_token")
    assert "Your sign-in has ended" in text_of(browser.get(answer.headers["Location"]))


def test_signing_out_forgets_the_token(browser: Browser, student: int) -> None:
    browser.sign_in(student)
    browser.post("/sign-out", {})

    assert browser.get("/").status_code == 303


def test_after_signing_out_no_page_is_left_in_the_browser(browser: Browser, student: int) -> None:
    browser.sign_in(student)

    assert browser.post("/sign-out", {}).headers["Clear-Site-Data"] == '"cache"'


def test_another_site_signs_nobody_out(browser: Browser, student: int) -> None:
    browser.sign_in(student)
    answer = browser.client.post("/sign-out", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize("token", ["", "x", "a.b.c"])
def test_a_bad_token_signs_nobody_in(browser: Browser, token: str) -> None:
    answer = browser.post("/sign-in", {"token": token})

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://other.school.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
    ],
)
def test_another_site_cant_use_the_cookie(
    browser: Browser, student: int, headers: dict[str, str]
) -> None:
    browser.sign_in(student)

    page = browser.client.post("/profile", data={"name": "Mallory"}, headers=headers)
    call = browser.client.patch("/api/students/me", json={"name": "Mallory"}, headers=headers)
    sign_in = browser.client.post("/sign-in", data={"token": "x"}, headers=headers)

    assert page.status_code == 403
    assert "another site" in text_of(page)
    assert (call.status_code, call.json["code"]) == (403, "cross_site")
    assert sign_in.status_code == 403
    assert "Mallory" not in browser.get("/profile").text


def test_another_site_reads_nothing_by_the_cookie(browser: Browser, student: int) -> None:
    browser.sign_in(student)
    for origin in "https://evil.example", "null":
        answer = browser.get("/api/students/me", Origin=origin)
        assert (answer.status_code, answer.json["code"]) == (403, "cross_site")
    assert browser.get("/api/students/me").status_code == 200


def test_our_own_page_may_use_the_cookie_for_the_api(browser: Browser, student: int) -> None:
    browser.sign_in(student)
    for headers in OWN, {"Origin": browser.settings.public_url}:
        call = browser.client.patch("/api/students/me", json={"name": "Ada"}, headers=headers)
        assert call.status_code == 200
    assert browser.get("/api/students/me").json["name"] == "Ada"


def test_a_token_in_the_header_goes_before_the_cookie(browser: Browser, course: Course) -> None:
    (cookie, _), (header, _) = course.enrol(2)
    browser.sign_in(cookie)

    answer = browser.get(
        "/api/students/me", Authorization=f"Bearer {token_of(browser.settings, header)}"
    )

    assert answer.json["id"] == header


def test_the_schools_own_page_hands_tokens_over(settings: Settings, student: int) -> None:
    at_school = replace(settings, sign_in_url=f"{SCHOOL}/login")
    browser = Browser(create_app(at_school).test_client(), at_school)
    from_school = {"Origin": SCHOOL, "Sec-Fetch-Site": "cross-site"}
    fields = {"token": token_of(settings, student), "next": "/profile"}

    page = browser.get("/sign-in?next=/profile").text
    assert 'href="https://school.example/login?next=%2Fprofile"' in page
    answer = browser.client.post("/sign-in", data=fields, headers=from_school)
    assert answer.headers["Location"] == "/profile"
    assert "Set-Cookie" in answer.headers
    evil = from_school | {"Origin": "https://evil.example"}
    assert browser.client.post("/sign-in", data=fields, headers=evil).status_code == 403


@pytest.mark.parametrize(
    "wanted",
    [
        None,
        "",
        "https://evil.example/",
        "//evil.example",
        "//[",
        "//\u2100.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/a\r\nSet-Cookie: x=y",
    ],
)
def test_nobody_is_led_to_another_site(wanted: str | None) -> None:
    assert own_path(wanted) == "/"


def test_an_address_that_is_none_leads_to_the_beginning(browser: Browser) -> None:
    answer = browser.get("/sign-in?next=//[")

    assert answer.status_code == 200


@pytest.mark.parametrize("sent_from", ["http://[", "//[", "https://evil.example//evil.example/x"])
def test_a_problem_leads_back_to_our_own_pages_alone(
    browser: Browser, student: int, sent_from: str
) -> None:
    browser.sign_in(student)
    headers = {"Sec-Fetch-Site": "cross-site", "Referer": sent_from}

    answer = browser.client.post("/profile", headers=headers)

    assert answer.status_code == 403
    assert re.findall(r'class="button" href="([^"]*)"', answer.text) == ["/"]


def test_a_token_that_browsers_would_drop_is_refused(browser: Browser) -> None:
    assert browser.post("/sign-in", {"token": "x" * 4000}).status_code == 400


def test_demo_people_sign_in_only_where_the_demo_runs(browser: Browser) -> None:
    """This installation has no demo: nobody is offered, and nobody let in."""
    assert "Please open your bookings" in browser.read("/sign-in")
    answer = browser.post("/sign-in", {"email": "ada@students.example"})
    assert "Set-Cookie" not in answer.headers


@pytest.fixture
def demo(settings: Settings, school: School, tmp_path: Path) -> Settings:
    """An installation that the demo was put in."""
    school.person("STAFF", email="sam@school.example")
    someone = {"email": "sam@school.example", "name": "Sam", "role": "STAFF", "note": "Staff"}
    (tmp_path / "demo.json").write_text(json.dumps([someone]))
    return replace(settings, var=tmp_path)


def sent_to_demo(demo: Settings, **headers: str) -> TestResponse:
    browser = Browser(create_app(demo).test_client(), demo)
    return browser.post("/sign-in", {"email": "sam@school.example"}, **headers)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000"])
def test_demo_people_sign_in_on_the_demos_machine(demo: Settings, host: str) -> None:
    assert "Set-Cookie" in sent_to_demo(demo, Host=host).headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "booking.school.example"},
        {"X-Forwarded-For": "203.0.113.7"},
        {"Forwarded": "for=203.0.113.7"},
        # a page of another site, whose name was made to mean this machine
        {"Host": "evil.example:8000", "Origin": "http://evil.example:8000"},
    ],
)
def test_no_demo_login_behind_a_proxy_or_under_another_name(
    demo: Settings, headers: dict[str, str]
) -> None:
    assert "Set-Cookie" not in sent_to_demo(demo, **headers).headers


def test_no_demo_login_where_the_public_address_is_elsewhere(demo: Settings) -> None:
    public = replace(demo, public_url="https://booking.school.example")

    assert "Set-Cookie" not in sent_to_demo(public).headers


def test_the_form_that_the_docs_give_to_the_schools_page_signs_in(
    settings: Settings, student: int
) -> None:
    form = block("docs/pages.md", '<form method="post"').text
    public = replace(settings, sign_in_url=SCHOOL, public_url="https://booking.school.example")
    browser = Browser(create_app(public).test_client(), public)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    [action] = re.findall(r'action="([^"]+)"', form)
    answer = browser.client.post(
        action,
        data=fields | {"token": token_of(public, student)},
        headers={"Origin": SCHOOL, "Sec-Fetch-Site": "cross-site"},
    )

    assert (answer.status_code, answer.headers["Location"]) == (303, fields["next"])


def test_where_nobody_else_signs_people_in_a_token_can_be_typed(
    browser: Browser, student: int
) -> None:
    page = browser.get("/sign-in?next=/profile").text
    assert '<input id="token" name="token"' in page
    fields = {"token": token_of(browser.settings, student), "next": "/profile"}
    assert browser.post("/sign-in", fields).headers["Location"] == "/profile"

    school = replace(browser.settings, sign_in_url=f"{SCHOOL}/sign-in")
    page = Browser(create_app(school).test_client(), school).get("/sign-in").text
    assert 'name="token"' not in page
