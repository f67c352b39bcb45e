"""A school in which both codes are at work, and what the old one does there by its own queries."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from models.backfill.running import Summary, backfill, rehearse
from models.backfill.undoing import Undone, undo
from models.policy import Policy
from tests.school import Course, School

OLD_BOOKS = """
UPDATE student_course_step_progress
SET status = 'BOOKED', session_id = :class_id, booked_at = :booked_at
WHERE student_package_id = :package_id AND course_step_id = :step_id AND status = 'UNBOOKED'
"""
"""What `CourseStepProgressService.bookSessions()` did (plan: “Current Architecture”)."""

SET_STATUS = "UPDATE student_course_step_progress SET status = '{}' WHERE id = {}"
"""As the old code changes a step."""

_PROGRESS = """
SELECT id, student_package_id, course_step_id, status, session_id, group_class_id, booked_at,
       booking_id FROM student_course_step_progress ORDER BY id
"""
POLICY = Policy()
STEPS = 800
"""Of a legacy school: more than one batch of them."""


class BrokenOffError(Exception):
    """The process ended here."""


def nobody(_: int) -> None:
    """Whoever isn't told."""


@dataclass
class OldSchool(School):
    """A school whose steps are booked by the old code."""

    def old_booking(
        self,
        package: int,
        step: int,
        group_class: int | None,
        booked_at: datetime | None = None,
    ) -> int:
        """Book a step as the old code does; returns the id of its progress row."""
        with self.engine.begin() as db:
            booked = db.execute(
                text(OLD_BOOKS),
                {
                    "class_id": group_class,
                    "booked_at": booked_at or self.now - timedelta(days=9),
                    "package_id": package,
                    "step_id": step,
                },
            )
            assert booked.rowcount == 1
        return self.progress_of(package, step)["id"]

    def old_student(
        self, course: Course, booked_at: datetime | None = None, **package: Any
    ) -> "OldStudent":
        """A new student of the course whom the old code has booked."""
        student, package_id = course.enrol_one(**package)
        progress = self.old_booking(package_id, course.step, course.group_class, booked_at)
        return OldStudent(self, student, package_id, course.step, progress)

    def progress_of(self, package: int, step: int) -> dict[str, Any]:
        with self.engine.connect() as db:
            return dict(
                db.execute(
                    text(
                        "SELECT * FROM student_course_step_progress"
                        " WHERE student_package_id = :package AND course_step_id = :step"
                    ),
                    {"package": package, "step": step},
                )
                .mappings()
                .one()
            )

    def backfill(self, now: datetime | None = None) -> Summary:
        """Run it, where there is something to do."""
        summary = backfill(self.engine, POLICY, now or self.now, on_found=nobody, on_rows=nobody)
        assert summary is not None
        assert summary.faults == []
        return summary

    def rehearse(self) -> Summary:
        return rehearse(self.engine, POLICY, self.now, on_found=nobody, on_rows=nobody)

    def undo(self, run_id: int, *, dry: bool = False) -> Undone:
        return undo(self.engine, run_id, POLICY, self.now, dry=dry, on_found=nobody, on_rows=nobody)

    def left(self, summary: Summary) -> dict[int, str]:
        """Why which steps were left, by their progress."""
        return {step["progress_id"]: step["code"] for step in summary.left_steps}

    def everything(self) -> Iterator[tuple[str, list[Any]]]:
        """All that an undo has to leave as it was.

        But for the number by which calendars know a newer entry from an older one.
        """
        for query in (
            "SELECT * FROM booking ORDER BY id",
            _PROGRESS,
            "SELECT * FROM session ORDER BY id",
            "SELECT * FROM outbox_message ORDER BY id",
            "SELECT session_id, sum(change) FROM seat_ledger GROUP BY 1 HAVING sum(change) <> 0",
        ):
            yield query, self.rows(query)


@dataclass
class OldStudent:
    """A student whom the old code has booked into a step."""

    school: OldSchool
    id: int
    package: int
    step: int
    progress: int

    @property
    def booking(self) -> dict[str, Any] | None:
        """The booking that the step points at."""
        with self.school.engine.connect() as db:
            row = db.execute(
                text(
                    "SELECT booking.* FROM booking JOIN student_course_step_progress AS progress"
                    " ON progress.booking_id = booking.id WHERE progress.id = :progress"
                ),
                {"progress": self.progress},
            ).mappings()
            return next(map(dict, row), None)

    @property
    def session(self) -> int | None:
        """The session that the step is booked in."""
        booking = self.booking
        return booking and booking["session_id"]
