"""Reading a report: one statement that groups by what the lines are of, and once by nothing."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import CTE, Connection, Row, Select, func, literal_column, select, tuple_

from models.analytics.periods import days, number_in, weeks
from models.analytics.report import By, ClassName, Day, Kind, Line, Report, SessionName, Week
from models.analytics.span import Span
from models.catalog import CourseSession, GroupClass

MOST_LINES = 5000
"""More than that nobody reads. A report that would have more has one more, so that it can be told.

Days and weeks are never that many, as a span is bounded.
"""

F = TypeVar("F")
Periods = Sequence[Day | Week]


def read_report(
    db: Connection,
    span: Span,
    by: By,
    *,
    figures: Select[Any],
    keys: Mapping[By, Any],
    make: Callable[..., F],
) -> Report[F, F]:
    """Read the lines and the total of a report.

    `figures` selects aggregates, which `make` is called with by their labels. `keys` tells for
    each way to divide the report the column that is grouped by: an instant for days and weeks, an
    id, or a kind.
    """
    if by in (By.DAY, By.WEEK):
        periods: Periods = days(span) if by == By.DAY else weeks(span)
        return Report(span, by, *_by_period(db, periods, figures, keys[by], make))
    found = _grouped(figures, keys[by]).cte("found")
    total, *rows = db.execute(_QUERIES[by](found).limit(MOST_LINES + 2)).all()
    lines = [Line(_OF[by](row), make(**_figures_of(row, found))) for row in rows]
    return Report(span, by, lines, make(**_figures_of(total, found)))


def _by_period(
    db: Connection,
    periods: Periods,
    figures: Select[Any],
    instant: Any,
    make: Callable[..., F],
) -> tuple[list[Line[F]], F]:
    """The lines by days or weeks; one without any row is there all the same."""
    found = _grouped(figures, number_in(periods, instant)).cte("found")
    of_number = {row.key: make(**_figures_of(row, found)) for row in db.execute(select(found))}
    lines = [
        Line(period, of_number[number] if number in of_number else make())
        for number, period in enumerate(periods)
    ]
    return lines, of_number[None]


def _grouped(figures: Select[Any], key: Any) -> Select[Any]:
    """Group by the key, and once by nothing: that row's key is null."""
    sets = func.grouping_sets(literal_column("key"), tuple_())
    return figures.add_columns(key.label("key")).group_by(sets)


def _figures_of(row: Row[Any], found: CTE) -> dict[str, Any]:
    return {c.name: getattr(row, c.name) for c in found.c if c.name != "key"}


def _with_class(found: CTE) -> Select[Any]:
    return (
        select(found, GroupClass.name.label("group_class_name"))
        .outerjoin(GroupClass, GroupClass.id == found.c.key)
        .order_by(found.c.key.is_not(None), GroupClass.name, found.c.key)
    )


def _with_session(found: CTE) -> Select[Any]:
    return (
        select(
            found,
            CourseSession.group_class_id,
            GroupClass.name.label("group_class_name"),
            CourseSession.start_at,
        )
        .outerjoin(CourseSession, CourseSession.id == found.c.key)
        .outerjoin(GroupClass, GroupClass.id == CourseSession.group_class_id)
        .order_by(found.c.key.is_not(None), CourseSession.start_at, found.c.key)
    )


def _with_nothing(found: CTE) -> Select[Any]:
    return select(found).order_by(found.c.key.is_not(None), found.c.key)


_QUERIES = {By.CLASS: _with_class, By.SESSION: _with_session, By.KIND: _with_nothing}
_OF: Mapping[By, Callable[[Any], ClassName | SessionName | Kind]] = {
    By.CLASS: lambda row: ClassName(row.key, row.group_class_name),
    By.SESSION: lambda row: SessionName(
        row.key, row.group_class_id, row.group_class_name, row.start_at
    ),
    By.KIND: lambda row: Kind(row.key),
}
