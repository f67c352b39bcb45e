"""Reports as pages show them: the figures of all, charts, a table, and the address of the CSV."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.web.staff.charts import Chart, bars
from app.web.staff.telling import Teller
from models.analytics.report import By, Line, Report

MOST_ROWS = 60
"""How many lines a table shows; all of them are in the CSV."""

Tell = Callable[[Any], str]


@dataclass(frozen=True)
class Figure:
    """One figure of a report's lines: what it is called, its value, and how that is told.

    One with a chart of its own is `drawn`; `whole` is what its bars are a part of, or the highest
    of them for None.
    """

    name: str
    value: Callable[[Any], float | None]
    tell: Tell
    drawn: bool = False
    whole: float | None = None


@dataclass(frozen=True)
class Row:
    """What a line is of, its figures told, and its bar: a part of the highest, from 0 to 1."""

    of: str
    cells: Sequence[str]
    part: float


@dataclass(frozen=True)
class Shown:
    """A report as a template lays it out."""

    subject: str
    title: str
    says: str
    days: str
    by: By
    heads: Sequence[str]
    rows: Sequence[Row]
    total: Sequence[tuple[str, str]]
    charts: Sequence[Chart]
    count: int
    is_too_long: bool
    """Whether there are more lines than anybody is given."""
    csv: str
    ways: Sequence[tuple[By, str]]
    """What its lines can be of instead, and the address of that."""


def charts_of(lines: Sequence[Line[Any]], figures: Sequence[Figure], teller: Teller) -> list[Chart]:
    """A chart for each drawn figure, with its highest value and where that is in words."""
    if not lines:
        return []
    return [_chart(lines, figure, teller) for figure in figures if figure.drawn]


def _chart(lines: Sequence[Line[Any]], figure: Figure, teller: Teller) -> Chart:
    values = [figure.value(line.figures) for line in lines]
    highest = max((value for value in values if value is not None), default=None)
    whole = figure.whole or highest or 0
    return Chart(
        title=figure.name,
        summary=_summary(lines, values, highest, figure, teller),
        path=bars(values, whole),
        first=teller.of(lines[0].of),
        last=teller.of(lines[-1].of),
        top=figure.tell(whole),
    )


def _summary(
    lines: Sequence[Line[Any]],
    values: Sequence[float | None],
    highest: float | None,
    figure: Figure,
    teller: Teller,
) -> str:
    """A chart in a sentence."""
    _ = teller.reader.language.gettext
    if highest is None:
        return _("Nothing to show.")
    if not highest:
        return _("None is above %(value)s.") % {"value": figure.tell(0)}
    at = teller.of(lines[values.index(highest)].of)
    return _("The highest is %(value)s (%(of)s).") % {"value": figure.tell(highest), "of": at}


def rows_of(report: Report[Any, Any], figures: Sequence[Figure], teller: Teller) -> list[Row]:
    """The table's rows; the bar of each is the first drawn figure's part of the highest."""
    drawn = next(figure for figure in figures if figure.drawn)
    values = [drawn.value(line.figures) or 0 for line in report.lines]
    whole = drawn.whole or max(values, default=0)
    return [
        Row(
            of=teller.of(line.of),
            cells=[figure.tell(figure.value(line.figures)) for figure in figures],
            part=value / whole if whole else 0,
        )
        for line, value in list(zip(report.lines, values, strict=True))[:MOST_ROWS]
    ]
