"""Time zones spelled out as calendars need them: VTIMEZONE (RFC 5545 3.6.5)."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

DAY = timedelta(days=1)
WEEK_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class Onset:
    """The begin of another offset: local time as it was until then, both offsets, and its name."""

    local: datetime
    before: timedelta
    after: timedelta
    name: str


@lru_cache(maxsize=128)
def describe_zone(zone: ZoneInfo, first_year: int, last_year: int) -> bytes:
    """The zone as VTIMEZONE, right for all instants from the second of these years to the last.

    Written out and kept: it takes longer than an entry, a millisecond a year. The years are those
    in which sessions are planned, and those beside them.

    Where the offset changes by the same rule each year it is that rule, which Outlook understands;
    otherwise every change. Our own, because icalendar 7's `Timezone.from_tzinfo` dates a change to
    summer time in the time that begins, so that an hour is wrong; and lists the changes as RDATE,
    which Outlook leaves out.
    """
    begin = datetime(first_year, 1, 1, tzinfo=UTC) - DAY
    onsets = list(_onsets(zone, begin, datetime(last_year + 1, 1, 1, tzinfo=UTC) + DAY))
    described = Timezone()
    described.add("tzid", zone.key)
    alike = defaultdict(list)
    for onset in onsets:
        alike[onset.before, onset.after].append(onset)
    rules = [_rule(group, first_year, last_year) for group in alike.values()]
    if rules and all(rules):
        for (first, *_), rule in zip(alike.values(), rules, strict=True):
            described.add_component(_observance(first, rule))
        return bytes(described.to_ical())
    for onset in (_standing(zone, begin), *onsets):
        described.add_component(_observance(onset))
    return bytes(described.to_ical())


def _onsets(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[Onset]:
    """Each change of the offset between two instants; none changes twice within a day."""
    day = begin
    while day < end:
        before, after = _offset(zone, day), _offset(zone, day + DAY)
        if before != after:
            yield _onset(zone, day, before, after)
        day += DAY


def _onset(zone: ZoneInfo, day: datetime, before: timedelta, after: timedelta) -> Onset:
    def changed(second: int) -> bool:
        return _offset(zone, day + timedelta(seconds=second)) != before

    instant = day + timedelta(
        seconds=bisect_left(range(DAY // timedelta(seconds=1)), 1, key=changed)
    )
    local = instant.replace(tzinfo=None) + before
    return Onset(local, before, after, instant.astimezone(zone).tzname() or zone.key)


def _standing(zone: ZoneInfo, begin: datetime) -> Onset:
    """What holds from the begin on, as if it had begun there."""
    local = begin.astimezone(zone)
    offset = _offset(zone, begin)
    return Onset(local.replace(tzinfo=None), offset, offset, local.tzname() or zone.key)


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta(0)


def _rule(onsets: list[Onset], first_year: int, last_year: int) -> dict[str, str | int] | None:
    """By what rule these changes come back each year, or None where they don't."""
    if [onset.local.year for onset in onsets] != list(range(first_year, last_year + 1)):
        return None
    if len({onset.local.time() for onset in onsets}) > 1:
        return None
    places = set.intersection(*(_places(onset.local) for onset in onsets))
    if not places:
        return None
    month, week_day = min(places)
    return {"freq": "yearly", "bymonth": month, "byday": week_day}


def _places(day: datetime) -> set[tuple[int, str]]:
    """Which weekday of its month a day is: `2SU`, and `-1SU` if it is the last."""
    name = WEEK_DAYS[day.weekday()]
    places = {(day.month, f"{(day.day + 6) // 7}{name}")}
    if (day + 7 * DAY).month != day.month:
        places.add((day.month, f"-1{name}"))
    return places


def _observance(
    onset: Onset, rule: dict[str, str | int] | None = None
) -> TimezoneStandard | TimezoneDaylight:
    """An offset and since when it holds; the later one of two is summer time, as Outlook has it."""
    described = TimezoneDaylight() if onset.after > onset.before else TimezoneStandard()
    described.add("dtstart", onset.local)
    described.add("tzoffsetfrom", onset.before)
    described.add("tzoffsetto", onset.after)
    described.add("tzname", onset.name)
    if rule is not None:
        described.add("rrule", rule)
    return described
