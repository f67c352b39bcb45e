"""Instants and spans of time in words, in somebody's language and zone."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global
from babel.dates import (
    format_date,
    format_datetime,
    format_skeleton,
    format_time,
    get_timezone_gmt,
    get_timezone_location,
)

from tasks.wording.languages import Language
from tasks.wording.time_zones import find_zone, local_time

NOWHERE = {None, "001", "ZZ"}
"""The territories of zones that no country keeps, such as `Etc/GMT+5`."""
MINUS = "\u2212"
"""A line may end behind a hyphen, and not behind this."""


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when: the day it begins, the hours, and whose clocks show them.

    The short day, for where there is little room, has no year.
    """

    day: str
    short_day: str
    hours: str
    clock: str

    def __str__(self) -> str:
        """All of it, for the middle of a sentence."""
        return f"{self.day}, {self.hours}, {self.clock}"


# in a rush, thousands look at the same sessions
@lru_cache(maxsize=4000)
def span(start_at: datetime, end_at: datetime, zone: str, language: Language) -> Span:
    """The time between two instants by the clocks of that zone."""
    known, locale = find_zone(zone), language.locale
    start, end = local_time(start_at, known), local_time(end_at, known)
    until = _time(end, locale)
    if start.date() != end.date():
        until = f"{_date(end, locale)}, {until}"
    hours = f"{_time(start, locale)}–{until}"
    short_day = format_skeleton("MMMEd", start, locale=locale)
    return Span(_date(start, locale), short_day, hours, _clock(start, known, language))


@lru_cache(maxsize=4000)
def moment(instant: datetime, zone: str, language: Language) -> str:
    """An instant by the clocks of that zone, which is named."""
    known = find_zone(zone)
    local = local_time(instant, known)
    day, time = _date(local, language.locale), _time(local, language.locale)
    return f"{day}, {time}, {_clock(local, known, language)}"


def brief(instant: datetime, zone: str, language: Language) -> str:
    """An instant by the clocks of that zone, which aren't named, in few characters."""
    local = local_time(instant, find_zone(zone))
    return format_datetime(local, "short", locale=language.locale).replace("\u202f", "\xa0")


def day_name(instant: datetime, zone: str, language: Language) -> str:
    """The day of an instant by the clocks of that zone."""
    return _date(local_time(instant, find_zone(zone)), language.locale)


def clocks_differ(instant: datetime, zone: str, other: str) -> bool:
    """Whether clocks of these zones show different times then."""
    one, another = local_time(instant, find_zone(zone)), local_time(instant, find_zone(other))
    return one.utcoffset() != another.utcoffset()


def _date(local: datetime, locale: Locale) -> str:
    return format_date(local, "full", locale=locale)


def _time(local: datetime, locale: Locale) -> str:
    # a narrow space that doesn't break: many mail programs have no such letter
    return format_time(local, "short", locale=locale).replace("\u202f", "\xa0")


def _clock(local: datetime, zone: ZoneInfo, language: Language) -> str:
    """Whose clocks: the zone's best known city, and how far it is from Greenwich then."""
    city = _city(zone.key, language.locale)
    offset = get_timezone_gmt(local, locale=language.locale) if local.utcoffset() else "UTC"
    offset = offset.replace("-", MINUS)
    if city is None:
        return offset
    sentence = language.gettext("%(city)s time (%(offset)s)")
    return sentence % {"city": city, "offset": offset}


@lru_cache(maxsize=1000)
def _city(zone: str, locale: Locale) -> str | None:
    """The city that a zone is known by; None for one that belongs to no country."""
    territory = get_global("zone_territories").get(get_global("zone_aliases").get(zone, zone))
    if territory in NOWHERE:
        return None
    return get_timezone_location(ZoneInfo(zone), locale=locale, return_city=True)
