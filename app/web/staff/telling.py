"""Counts, shares, durations and what a report's lines are of, in the reader's language."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

from app.web.reader import Reader
from models.analytics.report import ClassName, Day, Lead, SessionName, Week


@dataclass(frozen=True)
class Teller:
    """How values are told in the reader's language."""

    reader: Reader

    def count(self, value: float | None) -> str:
        """A whole number."""
        return format_decimal(value or 0, locale=self.reader.language.locale)

    def share(self, value: float | None) -> str:
        """A part of a whole, in percent."""
        if value is None:
            return "–"
        return format_percent(value, "#,##0.0 %", locale=self.reader.language.locale)

    def duration(self, seconds: float | None) -> str:
        """A duration, in the unit that it is well read in."""
        if seconds is None:
            return "–"
        unit, length = next(one[:2] for one in _UNITS if abs(seconds) >= one[2])
        number = format_decimal(seconds / length, "#,##0.#", locale=self.reader.language.locale)
        return f"{number}\N{NO-BREAK SPACE}{self.unit(unit)}"

    def unit(self, unit: str) -> str:
        """A unit of time, in few letters."""
        _ = self.reader.language.gettext
        return {"d": _("days"), "h": _("hours"), "min": _("min"), "s": _("s"), "ms": _("ms")}[unit]

    def of(self, line: Any) -> str:
        """What a line is of; a kind of job by its own name."""
        match line:
            case Day(day=day):
                return format_date(day, "medium", locale=self.reader.language.locale)
            case ClassName(group_class_name=name):
                return str(name)
            case SessionName(group_class_name=name, start_at=start_at):
                return f"{name}, {self.reader.brief(start_at)}"
            case Lead():
                return self._before_start(line)
        return str(line.week if isinstance(line, Week) else line.kind)

    def _before_start(self, line: Lead) -> str:
        if line.less_than is None:
            longest = self.reader.language.gettext("%(time)s and more")
            return longest % {"time": self._round(line.at_least)}
        return f"{self._round(line.at_least)} – {self._round(line.less_than)}"

    def _round(self, time: timedelta) -> str:
        return self.duration(time / timedelta(seconds=1)) if time else "0"


_UNITS = (
    ("d", 86400, 2 * 86400),
    ("h", 3600, 2 * 3600),
    ("min", 60, 120),
    ("s", 1, 1),
    ("ms", 0.001, 0),
)
"""Each unit's seconds, and from how many on it is read."""
