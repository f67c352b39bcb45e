"""A desk that a test lays by hand: the rules are judged at it without any database.

Each kind of thing has ids of its own range, so that one taken for another is noticed.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from models.booking import BookingStatus, BookingType, PaymentStatus
from models.booking_job import JobKind, JobStatus, Priority
from models.catalog import SessionStatus
from models.desk import Desk, Entry, Held, Job, Line, Option, Seats, Step
from models.enrolment import PackageStatus, ProgressStatus
from models.policy import Policy
from models.refusal import RefusalCode
from models.use_cases import USE_CASES
from models.verdict import Verdict
from models.waitlist import WaitlistStatus

INSTANT = timedelta(microseconds=1)
"""The shortest time there is: just past a boundary."""
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""When everything is decided."""
ASKED = NOW - MINUTE
"""When everything was submitted, unless told otherwise."""

POLICY = Policy(
    change_window=timedelta(hours=24),
    cancel_window=timedelta(hours=12),
    waitlist_cutoff=timedelta(hours=2),
)

STUDENT = 11
OTHER = 12
STAFF = 91
BY_STAFF = {"submitted_by": STAFF, "submitted_from": "192.0.2.7"}
COHORT = 21
PACKAGE = 31
CLASS = 51
OTHER_CLASS = 52


def new_desk() -> Desk:
    return Desk(
        now=NOW,
        policy=POLICY,
        booking_ids=count(501),
        entry_ids=count(701),
        session_ids=count(301),
        people={STUDENT, OTHER},
    )


@dataclass
class Situation:
    """Lays things on the desk, and lets jobs be decided at it."""

    desk: Desk = field(default_factory=new_desk)
    ids: Any = field(default_factory=lambda: count(1))

    def session(
        self,
        starts_in: timedelta = 7 * DAY,
        *,
        group_class: int = CLASS,
        lasts: timedelta = HOUR,
        capacity: int = 2,
        taken: int = 0,
        **fields: Any,
    ) -> Seats:
        known: dict[str, Any] = {
            "id": 200 + next(self.ids),
            "group_class_id": group_class,
            "group_class_name": f"Class {group_class}",
            "start_at": NOW + starts_in,
            "end_at": NOW + starts_in + lasts,
            "capacity_max": capacity,
            "seats_taken": taken,
            "status": SessionStatus.SCHEDULED,
        }
        session = Seats(**(known | fields))
        self.desk.sessions[session.id] = session
        sessions = self.desk.sessions_of_class.setdefault(group_class, [])
        sessions.append(session)
        sessions.sort(key=lambda s: s.start_at)
        return session

    def full_session(self, starts_in: timedelta = 7 * DAY, **fields: Any) -> Seats:
        return self.session(starts_in, **({"capacity": 2, "taken": 2} | fields))

    def step(
        self, order: int = 1, *, package: int = PACKAGE, user: int = STUDENT, **fields: Any
    ) -> Step:
        known: dict[str, Any] = {
            "progress_id": 100 * package + order,
            "progress_status": ProgressStatus.UNBOOKED,
            "booking_id": None,
            "booked_at": None,
            "course_step_id": 40 + order,
            "step_label": f"Step {order}",
            "step_order": order,
            "student_package_id": package,
            "user_id": user,
            "package_name": f"Package {package}",
            "package_status": PackageStatus.ACTIVE,
            "expires_at": None,
            "course_cohort_id": COHORT,
            "ordered": False,
            "booking_opens_at": None,
            "change_window_hours": None,
            "cancel_window_hours": None,
        }
        step = Step(**(known | fields))
        self.desk.steps[package, step.course_step_id] = step
        return step

    def option(self, step: Step, group_class: int = CLASS, *, is_active: bool = True) -> Option:
        option = Option(60 + next(self.ids), step.course_step_id, group_class, is_active)
        self.desk.options[option.id] = option
        return option

    def pin(self, option: Option, session: Seats, cohort: int = COHORT) -> None:
        self.desk.pins[cohort, option.id] = session.id

    def holds(self, step: Step, session: Seats, **fields: Any) -> Held:
        """The step is booked in the session."""
        held = self.seat(
            step.user_id,
            session,
            **{
                "booking_type": BookingType.COURSE_STEP,
                "payment_status": PaymentStatus.PAID,
                "student_package_id": step.student_package_id,
                "course_step_id": step.course_step_id,
                "step_order": step.step_order,
                "change_until": session.start_at - POLICY.change_window,
                "cancel_until": session.start_at - POLICY.cancel_window,
            }
            | fields,
        )
        step.progress_status = ProgressStatus.BOOKED
        step.booking_id = held.booking_id
        step.booked_at = held.created_at
        return held

    def seat(self, user: int, session: Seats, **fields: Any) -> Held:
        """The person holds a seat, without package and step."""
        known: dict[str, Any] = {
            "booking_id": 400 + next(self.ids),
            "user_id": user,
            "session_id": session.id,
            "group_class_id": session.group_class_id,
            "group_class_name": session.group_class_name,
            "start_at": session.start_at,
            "end_at": session.end_at,
            "status": BookingStatus.CONFIRMED,
            "booking_type": BookingType.DROP_IN,
            "payment_status": PaymentStatus.UNPAID,
            "created_at": NOW - DAY,
            "student_package_id": None,
            "course_step_id": None,
            "step_order": None,
            "metadata": None,
            "change_until": None,
            "cancel_until": None,
        }
        held = Held(**(known | fields))
        self.desk.lay(held)
        session.seats_taken += 1
        return held

    def waits(
        self, step: Step, option: Option, session: Seats | None = None, **fields: Any
    ) -> Entry:
        """The step waits for the session, or for any session of the option."""
        known: dict[str, Any] = {
            "id": 600 + next(self.ids),
            "user_id": step.user_id,
            "student_package_id": step.student_package_id,
            "course_step_id": step.course_step_id,
            "course_step_option_id": option.id,
            "group_class_id": option.group_class_id,
            "session_id": None if session is None else session.id,
            "status": WaitlistStatus.WAITING,
            "joined_at": NOW - DAY,
            "booking_job_id": UUID(int=1),
        }
        entry = Entry(**(known | fields))
        self.desk.lay_entry(entry)
        self.desk.waited_for.add((entry.group_class_id, entry.session_id))
        return entry

    def somebody_waits(self, session: Seats, package: int = 39) -> None:
        """A student with such a package waits for the session."""
        step = self.step(package=package, user=package)
        self.waits(step, self.option(step, session.group_class_id), session)

    def line(self, session: Seats, *entries: Entry, goes_on: bool = False) -> None:
        self.desk.lines[session.id] = Line(list(entries), goes_on)

    def job(
        self,
        kind: JobKind,
        step: Step | None = None,
        option: Option | None = None,
        session: Seats | None = None,
        *,
        about: Seats | None = None,
        fields: dict[str, Any] | None = None,
        **request: Any,
    ) -> Job:
        """A job that asks for the option and the session; `fields` say more of it itself."""
        if option is not None:
            request["course_step_option_id"] = option.id
        if session is not None:
            request["session_id"] = session.id
        number = next(self.ids)
        known: dict[str, Any] = {
            "id": UUID(int=number),
            "kind": kind,
            "submitted_by": STUDENT,
            "user_id": STUDENT,
            "student_package_id": step and step.student_package_id,
            "course_step_id": step and step.course_step_id,
            "about_session_id": about and about.id,
            "submitted_from": None,
            "request": request,
            "priority": Priority.ORDINARY,
            "arrival": number,
            "lanes": [0],
            "submitted_at": ASKED,
        }
        return Job(**(known | (fields or {})))

    def ask(self, kind: JobKind, *args: Any, **asked: Any) -> Verdict:
        """Let such a job be decided."""
        return self.decide(self.job(kind, *args, **asked))

    def book(self, step: Step, **asked: Any) -> Verdict:
        """Book the step in a session that starts in a week."""
        return self.ask(JobKind.BOOK_STEP, step, self.option(step), self.session(), **asked)

    def decide(self, job: Job) -> Verdict:
        verdict = USE_CASES[job.kind](self.desk, job)
        assert verdict.job is job
        return verdict

    @property
    def told(self) -> list[dict[str, Any]]:
        """What is told, in order, without the ids of the messages."""
        return [
            {name: value for name, value in message.items() if name != "id"}
            for message in self.desk.changes.messages
        ]

    @property
    def topics(self) -> list[str]:
        return [message["topic"] for message in self.desk.changes.messages]


def utc(moment: datetime) -> str:
    """As events carry it."""
    return moment.isoformat().removesuffix("+00:00") + "Z"


def result(verdict: Verdict) -> dict[str, Any]:
    assert verdict.status == JobStatus.SUCCEEDED, verdict.tell()
    return verdict.tell()


def refusal(verdict: Verdict) -> dict[str, Any]:
    assert verdict.status == JobStatus.REFUSED, verdict.tell()
    return verdict.tell()


def code(verdict: Verdict) -> str:
    return str(refusal(verdict)["code"])


def code_if_refused(verdict: Verdict) -> str | None:
    """For both sides of a boundary: the refusal's code, None where it succeeded."""
    return None if verdict.status == JobStatus.SUCCEEDED else code(verdict)


def reads(
    code: RefusalCode, detail: str, message: str = "", *, waitlist_until: datetime | None = None
) -> dict[str, Any]:
    """A refusal as a job keeps it; the message is the code's own unless told otherwise."""
    return {
        "code": code,
        "detail": detail,
        "message": message or code.sentence,
        "alternatives": [],
        "waitlist_open": waitlist_until is not None,
        "waitlist_until": waitlist_until.isoformat() if waitlist_until else None,
    }
