"""Reports for staff: who may read them, of which span, and as JSON or CSV."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from models.instants import print_instant
from models.refusal import RefusalCode
from tests.app.rows import job, seat
from tests.app.visitors import Visitor
from tests.school import HOUR, School

SUBJECTS = ["fill", "activity", "lead-time", "waitlist", "no-shows", "decision-time"]
DIVIDED = [
    *("fill?by=week", "fill?by=class", "fill?by=session", "activity", "lead-time"),
    *("waitlist?by=week", "waitlist?by=class", "no-shows?by=week", "no-shows?by=class"),
    *("decision-time?by=day", "decision-time?by=kind"),
]
AUGUST = {"from": "2026-08-03T00:00:00Z", "to": "2026-08-17T00:00:00Z"}


def path(report: str) -> str:
    return f"/api/admin/analytics/{report}"


@pytest.mark.parametrize("report", DIVIDED)
def test_staff_and_admins_read_every_report_of_an_empty_school(
    staff: Visitor, admin: Visitor, report: str
) -> None:
    for visitor in (staff, admin):
        answer = visitor.get(path(report))
        assert answer.status_code == 200
        assert set(answer.json) == {"from", "to", "timeZone", "by", "items", "total"}
