"""Temporary tables that hold a catalog beside the stored rows until the commit."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import cast

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Identity,
    MetaData,
    Table,
    Text,
    and_,
    case,
    or_,
    text,
    update,
)

from models.base import Base
from models.catalog import CourseProgram, CourseSession, CourseStep, CourseStepOption, GroupClass
from models.enrolment import CourseCohort, CourseCohortSession, StudentPackage
from models.importing import rows
from models.importing.rows import Catalog
from models.people import UserAccount

_STAGED = MetaData()
_COPIED_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of row: its stored table, the staged one, and the columns that are its key.

    A staged row also has `place` (its number in the file), `path`, and `state`: `new`, `changed`
    or `same` compared with the stored row of its key.
    """

    name: str
    stored: Table
    staged: Table
    key: tuple[str, ...]

    @property
    def columns(self) -> list[str]:
        """The columns that the catalog gives, key included."""
        return [name for name in self.staged.columns.keys() if name not in _OWN]  # noqa: SIM118 - a collection of columns, not a dict

    def same_key(self) -> ColumnElement[bool]:
        """Join a staged row to the stored one."""
        return and_(*(self.staged.c[name] == self.stored.c[name] for name in self.key))


_OWN = ("place", "path", "state")


def _kind(name: str, model: type[Base], fields: tuple[str, ...], *key: str) -> Kind:
    stored = cast(Table, model.__table__)
    staged = Table(
        f"incoming_{stored.name}",
        _STAGED,
        Column("place", BigInteger, Identity()),
        Column("path", Text),
        Column("state", Text, server_default="new"),
        *(Column(column, stored.c[column].type) for column in fields if column != "path"),
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DROP",
    )
    return Kind(name, stored, staged, key or ("id",))


USERS = _kind("users", UserAccount, rows.UserRow._fields)
GROUP_CLASSES = _kind("groupClasses", GroupClass, rows.GroupClassRow._fields)
SESSIONS = _kind("sessions", CourseSession, rows.SessionRow._fields)
PINS = _kind(
    "pins",
    CourseCohortSession,
    rows.PinRow._fields,
    "course_cohort_id",
    "course_step_option_id",
)
KINDS = (
    USERS,
    GROUP_CLASSES,
    SESSIONS,
    _kind("programs", CourseProgram, rows.ProgramRow._fields),
    _kind("steps", CourseStep, rows.StepRow._fields),
    _kind("options", CourseStepOption, rows.OptionRow._fields),
    _kind("cohorts", CourseCohort, rows.CohortRow._fields),
    PINS,
    _kind("packages", StudentPackage, rows.PackageRow._fields),
)
"""Every kind, those referred to first."""

KEEP_STORED_STATUS = (
    """UPDATE incoming_session AS staged SET status = coalesce(
           (SELECT status FROM session WHERE session.id = staged.id), 'SCHEDULED')
       WHERE status IS NULL""",
    """UPDATE incoming_student_package AS staged SET status = coalesce(
           (SELECT status FROM student_package AS stored WHERE stored.id = staged.id), 'ACTIVE')
       WHERE status IS NULL""",
)


def stage(db: Connection, catalog: Catalog, on_rows: Callable[[int], None]) -> None:
    """Copy the catalog into temporary tables and compare it with what is stored.

    `on_rows` is told how many more rows were copied. The tables go with the transaction.
    """
    _STAGED.create_all(db, checkfirst=False)
    for kind, (_, given) in zip(KINDS, catalog.by_kind(), strict=True):
        for first in range(0, len(given), _COPIED_AT_ONCE):
            _copy(db, kind, given[first : first + _COPIED_AT_ONCE])
            on_rows(len(given[first : first + _COPIED_AT_ONCE]))
    for statement in KEEP_STORED_STATUS:
        db.execute(text(statement))
    for kind in KINDS:
        compare(db, kind)
        # nobody else gathers statistics on a temporary table, and the joins need them
        db.execute(text(f"ANALYZE {kind.staged.name}"))


def _copy(db: Connection, kind: Kind, given: Iterable[tuple[object, ...]]) -> None:
    columns = ", ".join(["path", *kind.columns])
    driver = db.connection.driver_connection
    assert driver is not None
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {kind.staged.name} ({columns}) FROM STDIN") as copy,
    ):
        for row in given:
            copy.write_row(row)


def compare(db: Connection, kind: Kind) -> None:
    """Set the state of the rows of a kind anew; one that was found the same stays so."""
    staged, stored = kind.staged, kind.stored
    differs = or_(*(staged.c[name].is_distinct_from(stored.c[name]) for name in kind.columns))
    db.execute(
        update(staged)
        .where(kind.same_key(), staged.c.state != "same")
        .values(state=case((differs, "changed"), else_="same"))
    )
