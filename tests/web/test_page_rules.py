"""What holds for every page: its policy, its language, its errors and its addresses."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from werkzeug.utils import import_string

import app.web
from app.api.body import MAX_BODY_BYTES
from app.web.assets import STATIC, address
from app.web.routes import FOR_STAFF, FOR_TEACHERS, OPEN, STUDENTS
from tests.school import Course, School
from tests.web.browsing import OWN, Browser, text_of

TEMPLATES = Path(app.web.__file__).parent / "templates"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self';"


@pytest.fixture
def course(school: School) -> Course:
    return school.course()


@pytest.mark.parametrize(
    "function", [function for _, _, function in (*OPEN, *STUDENTS, *FOR_TEACHERS, *FOR_STAFF)]
)
def test_every_address_has_its_function(function: str) -> None:
    assert callable(import_string(f"app.web.{function}"))


def test_no_template_holds_scripts_styles_or_handlers() -> None:
    """They would not run under the policy, and a loosened policy would let others' run."""
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", re.IGNORECASE)
    wrong = [file.name for file in TEMPLATES.rglob("*.html") if inline.search(file.read_text())]

    assert wrong == []


def test_pages_are_shown_under_a_strict_policy(browser: Browser, course: Course) -> None:
    browser.sign_in(course.enrol_one()[0])
    for path in "/", "/sign-in", "/nowhere":
        headers = browser.get(path, Accept="text/html").headers
        assert headers["Content-Security-Policy"].startswith(POLICY)
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "same-origin"


def test_what_isnt_there_is_a_page_for_people_and_a_problem_for_programs(
    browser: Browser, course: Course
) -> None:
    browser.sign_in(course.enrol_one()[0])
    foreign = course.enrol_one()[1]

    for path in (
        "/nowhere",
        f"/packages/{foreign}/choose",
        "/jobs/" + "0" * 8 + "-0000" * 3 + "-" + "0" * 12,
    ):
        answer = browser.get(path, Accept="text/html")
        assert answer.status_code == 404
        assert "We couldn't find" in text_of(answer)
    assert browser.get("/api/nowhere", Accept="text/html").json["code"] == "not_found"
    assert browser.get("/nowhere", Accept="application/json").json["code"] == "not_found"


def test_bad_fields_of_a_form_are_told_as_a_page(browser: Browser, course: Course) -> None:
    student, package = course.enrol_one()
    browser.sign_in(student)
    path = f"/packages/{package}/steps/{course.step}"

    for choice in "", "x", "1-x", "0", "9" * 25, "1-2-3", "\x00":
        answer = browser.post(f"{path}/book", browser.form(path) | {"choice": choice})
        assert answer.status_code == 422, choice
        assert "check the fields" in text_of(answer)
    wrong_key = browser.post(f"{path}/book", {"formKey": "a b", "choice": "1"})
    assert wrong_key.status_code == 400


@pytest.mark.parametrize(
    ("kind", "begins"),
    [
        ("application/x-www-form-urlencoded", b"token="),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="token"; filename="x"\r\n\r\n',
        ),
    ],
)
def test_a_form_in_chunks_is_refused_where_a_body_is_too_long(
    browser: Browser, kind: str, begins: bytes
) -> None:
    sent = BytesIO(begins + b"a" * 10 * MAX_BODY_BYTES)

    answer = browser.client.post(
        "/sign-in",
        input_stream=sent,
        content_type=kind,
        headers=OWN,
        environ_overrides={"wsgi.input_terminated": True},
    )

    assert answer.status_code == 413


def test_a_page_that_didnt_change_isnt_sent_again(browser: Browser, course: Course) -> None:
    browser.sign_in(course.enrol_one()[0])
    etag = browser.get("/").headers["ETag"]

    assert browser.get("/", **{"If-None-Match": etag}).status_code == 304


def test_pages_speak_the_language_of_their_reader(
    browser: Browser, course: Course, school: School
) -> None:
    asked = browser.get("/sign-in", **{"Accept-Language": "fr, de-AT;q=0.8, en;q=0.5"})
    assert asked.headers["Content-Language"] == "de"
    browser.sign_in(school.person(locale="de-CH"))
    assert browser.get("/profile").headers["Content-Language"] == "de"
    assert '<html lang="de" dir="ltr">' in browser.get("/profile").text


def test_problems_are_told_in_the_readers_language(browser: Browser, school: School) -> None:
    browser.sign_in(school.person(locale="de"))

    wrong = browser.get("/packages/1/choose", **{"Accept-Language": "en"})
    assert (wrong.status_code, wrong.headers["Content-Language"]) == (404, "de")
    assert "Abmelden" in wrong.text


def test_browsers_keep_assets_for_ever_under_the_address_of_their_content(
    browser: Browser,
) -> None:
    kept = browser.get(address("thrive.css")).headers
    assert "immutable" in kept["Cache-Control"]
    assert kept["Content-Type"].startswith("text/css")
    assert "no-cache" in browser.get("/assets/current/thrive.js").headers["Cache-Control"]
    assert "javascript" in browser.get("/assets/current/thrive.js").headers["Content-Type"]
    for path in "../page.py", "..%2Fpage.py", "%2e%2e/page.py", "nothing.js":
        assert browser.get(f"/assets/current/{path}").status_code == 404
    assert (STATIC / "thrive.css").exists()
