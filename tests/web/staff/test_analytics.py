"""The reports as pages: figures, charts, tables, and the CSV of each."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from app.web.reader import Reader
from app.web.staff.charts import bars
from app.web.staff.telling import Teller
from tasks.wording.languages import nearest
from tests.school import School
from tests.web.browsing import Browser, text_of
from tests.web.staff.deeds import many_sessions


@pytest.mark.usefixtures("decided")
def test_every_report_has_figures_a_chart_a_table_and_its_csv(
    staff: Browser, school: School
) -> None:
    day = school.now.date()
    page = f"/staff/analytics?from={day - timedelta(days=3)}&to={day + timedelta(days=9)}"

    answer = staff.get(page)
    html, told = answer.text, text_of(answer)
    assert len(answer.data) < 100_000
    assert "Seats taken, in percent 16.7 %" in told
    # as the three sessions fall into one week or two
    assert re.search(r"The highest is (16\.7|25\.0|50\.0) %", told)
    assert html.count('<svg class="chart"') >= 5
    assert html.count("<table>") == 6
    for chart in re.findall(r'aria-labelledby="([\w-]+-title) ([\w-]+-desc)"', html):
        assert all(f'id="{name}"' in html for name in chart)
    links = re.findall(r'href="(/api/admin/analytics/[^"]*)"', html)
    assert len(links) == 6
    for link in links:
        csv = staff.get(link.replace("&amp;", "&"))
        assert csv.status_code == 200
        assert csv.content_type.startswith("text/csv")


@pytest.mark.usefixtures("decided")
def test_reports_are_divided_by_class_session_and_kind(staff: Browser) -> None:
    html = staff.get("/staff/analytics?fill=class&waitlist=class&no-shows=class&decision-time=kind")
    told = text_of(html)
    assert "Yoga" in told
    assert "Book a session" in told
    assert 'aria-current="true">By class' in html.text
    assert "Yoga, " in staff.read("/staff/analytics?fill=session")
    assert staff.get("/staff/analytics?fill=moon").status_code == 200


def test_a_year_of_an_empty_school_fits_on_a_page(staff: Browser) -> None:
    answer = staff.get("/staff/analytics?from=2026-01-01&to=2026-12-31")
    assert answer.status_code == 200
    assert len(answer.data) < 100_000
    assert "These are the first 60 of 365 lines" in text_of(answer)
    assert "Nothing to show" in text_of(answer)
    assert "None is above 0." in text_of(answer)


def test_a_report_of_too_many_lines_says_so(staff: Browser, school: School) -> None:
    many_sessions(school, school.group_class(), school.now, 5001)
    days = f"from={school.now.date()}&to={school.now.date() + timedelta(days=300)}"

    answer = staff.get(f"/staff/analytics?fill=session&{days}")
    assert len(answer.data) < 100_000
    assert "There are too many lines" in text_of(answer)
    assert answer.text.count("format=csv") == 5


def test_days_that_make_no_span_are_told(staff: Browser) -> None:
    for query, sentence in (
        ("from=2026-03-02&to=2026-03-01", "The last day must not be before the first."),
        ("from=2026-01-01&to=2028-01-01", "at most 366 days"),
        ("from=soon", "Please give a day"),
    ):
        answer = staff.get(f"/staff/analytics?{query}")
        assert answer.status_code == 422, query
        assert sentence in text_of(answer)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (None, "–"),
        (0, "0 ms"),
        (0.0374, "37.4 ms"),
        (1, "1 s"),
        (119.9, "119.9 s"),
        (120, "2 min"),
        (-7200, "-2 hours"),
    ],
)
def test_a_duration_is_told_in_the_unit_that_it_is_well_read_in(
    seconds: float | None, told: str
) -> None:
    reader = Reader(None, nearest("en"), datetime.now(UTC))
    assert Teller(reader).duration(seconds) == told.replace(" ", "\xa0")


def test_bars_are_as_high_as_their_part_of_the_highest() -> None:
    assert bars([1, None, 0, 2], 2) == "M1.875 100v-50h21.2v50zM76.88 100v-100h21.2v100z"
    assert bars([], 1) == ""
    assert bars([0, None], 0) == ""
