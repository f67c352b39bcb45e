"""Days that an address asks for, from one until and with another, by the reader's clocks."""

from collections.abc import Mapping
from datetime import date, timedelta

from flask import request

from app.web.reader import Reader
from app.web.staff.faults import Faults
from models.analytics.span import midnight
from models.instants import print_instant
from models.session_times import FIRST_YEAR, LAST_YEAR
from tasks.wording.time_zones import find_zone


def asked_days(reader: Reader) -> tuple[Mapping[str, str], Faults]:
    """The instants `from` and `to` for the API's schemas, and what is wrong with the days.

    A day that isn't asked for is left out.
    """
    instants: dict[str, str] = {}
    faults: dict[str, list[str]] = {}
    zone = find_zone(reader.zone)
    for name, later in (("from", 0), ("to", 1)):
        text = request.args.get(name, "").strip()
        if not text:
            continue
        day = _day(text)
        if day is None:
            faults[name] = [reader.language.gettext("Please give a day, such as 2026-03-01.")]
        else:
            instants[name] = print_instant(midnight(day + timedelta(days=later), zone))
    return instants, faults


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR < day.year < LAST_YEAR else None
