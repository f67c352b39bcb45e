"""Forms of staff: filled in, sent, and the page of what came of it."""

import re
from datetime import datetime
from html import unescape

from sqlalchemy import insert, text

from models.booking import Booking, BookingType
from models.people import UserAccount
from tests.school import School
from tests.web.browsing import Browser

JOB = r"/staff/jobs/[0-9a-f-]{36}"


def hidden(browser: Browser, path: str) -> dict[str, str]:
    """The hidden fields of a page's forms."""
    found = re.findall(r'type="hidden" name="([\w-]+)" value="([^"]*)"', browser.get(path).text)
    return {name: unescape(value) for name, value in found}


def send(browser: Browser, path: str, fields: dict[str, str]) -> str:
    """Send a form that becomes a job; the address of the job's page."""
    answer = browser.post(path, fields)
    assert answer.status_code == 303, answer.text
    address = answer.headers["Location"]
    assert re.fullmatch(JOB, address), address
    return address


def done(browser: Browser, path: str, fields: dict[str, str]) -> str:
    """Send a form, and read the page of the job that it makes."""
    return browser.read(send(browser, path, fields))


def really(browser: Browser, job_page: str) -> str:
    """Send the form of a dry run's page that does it, and read what came of it."""
    html = browser.get(job_page).text
    action = re.search(r'action="(/staff/[^"]*/(?:cancel|move|capacity))"', html)
    assert action, html
    return done(browser, action[1], hidden(browser, job_page))


def many_sessions(school: School, group_class: int, first: datetime, count: int) -> None:
    """So many sessions, one an hour."""
    query = text(
        "INSERT INTO session (group_class_id, start_at, end_at, capacity_max)"
        " SELECT :group_class, :first + hour, :first + hour + interval '1 hour', 4"
        " FROM (SELECT number * interval '1 hour' AS hour"
        " FROM generate_series(0, :count - 1) AS number) AS hours"
    )
    with school.engine.begin() as db:
        db.execute(query, {"group_class": group_class, "first": first, "count": count})


def full_session(school: School, seats: int) -> int:
    """A session with so many drop-ins whose names are long."""
    group_class = school.group_class(seats)
    session = school.session(group_class, seats_taken=seats)
    people = [
        {
            "email": f"{'long' * 10}{n}@school.example",
            "name": f"{'Long ' * 10}{n}",
            "role": "STUDENT",
        }
        for n in range(seats)
    ]
    with school.engine.begin() as db:
        made = db.execute(insert(UserAccount).returning(UserAccount.id), people).scalars().all()
        bookings = [
            {
                "user_id": user,
                "session_id": session,
                "group_class_id": group_class,
                "booking_type": BookingType.DROP_IN,
            }
            for user in made
        ]
        db.execute(insert(Booking), bookings)
    return session
