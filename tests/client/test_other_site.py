"""A page of another site, in a real browser: it may use thrive.js where CORS_ORIGINS lists it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.conftest import Site, Student
from tests.client.other_site import OtherSite, chromium, served
from tests.processes import until
from tests.school import Course

PAGE = """<!doctype html><title>Another site</title>
<script type="module">
const tell = (what) => navigator.sendBeacon("/told", JSON.stringify(what));
try {
  const { ThriveClient } = await import("%(module)s");
  const thrive = new ThriveClient({ token: "%(token)s" });
  tell(await thrive.bookCourseStepSession(%(choice)s));
} catch (error) {
  tell({ error: String(error) });
}
</script>"""


@pytest.fixture
def other_site(site: Site, student: Student, course: Course) -> Iterator[OtherSite]:
    words = {
        "module": f"http://127.0.0.1:{site.web.port}/assets/current/thrive.js",
        "token": student.browser.token(),
        "choice": student.choice(course),
    }
    with served(PAGE % words, site.other_port) as other:
        yield other


def test_a_listed_site_books_with_its_own_token(
    site: Site, other_site: OtherSite, tmp_path: Path
) -> None:
    with chromium(f"{site.other_origin}/page", tmp_path):
        until(lambda: other_site.told, 30, "the booking")

    (told,) = other_site.told
    assert told["progress"]["status"] == "BOOKED"


def test_a_site_that_is_not_listed_does_not_even_get_the_module(
    site: Site, other_site: OtherSite, tmp_path: Path
) -> None:
    # the same server by another name is another origin
    with chromium(f"http://localhost:{site.other_port}/page", tmp_path):
        until(lambda: other_site.told, 30, "the fault")

    (told,) = other_site.told
    assert "dynamically imported module" in told["error"]
