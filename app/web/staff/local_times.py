"""Times as a form's fields hold them: `2026-03-01T09:30`, by the clocks of the venue."""

import re
from datetime import datetime

from models.instants import print_instant
from tasks.wording.time_zones import find_zone, local_time

_LOCAL = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?", re.ASCII)


def instant_text(text: str, zone: str) -> str:
    """The instant that a field names, for the API's schemas.

    One that names its offset already, and what is no time, stay as they are. An hour that the
    clocks leave out is the one after it, one that they show twice is the first.
    """
    if not _LOCAL.fullmatch(text):
        return text
    try:
        return print_instant(datetime.fromisoformat(text).replace(tzinfo=find_zone(zone)))
    except (ValueError, OverflowError):
        return text


def local_text(instant: datetime, zone: str) -> str:
    """An instant as a field holds it."""
    return local_time(instant, find_zone(zone)).strftime("%Y-%m-%dT%H:%M")
