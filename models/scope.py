"""What each job needs locked and read: its classes, sessions, students, steps and options.

Found out without locks before the locks are taken, and once more under them: a job whose needs
have grown meanwhile waits for the next round.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Connection

from models import scope_reading as read
from models.booking_job import JobKind
from models.desk import Job, Option
from models.scope_reading import PackageStep


@dataclass(slots=True)
class Scope:
    """What one job needs, by ids.

    Classes, sessions and students are locked. A session that was merely `named` may be of any
    class, or not exist: it is locked where its class is. Steps and options are read; a seat may
    be taken in those of `seat_option_ids` only, so that their classes are locked.
    """

    class_ids: set[int] = field(default_factory=set)
    session_ids: set[int] = field(default_factory=set)
    named_session_ids: set[int] = field(default_factory=set)
    user_ids: set[int] = field(default_factory=set)
    option_ids: set[int] = field(default_factory=set)
    seat_option_ids: set[int] = field(default_factory=set)
    steps: set[PackageStep] = field(default_factory=set)


@dataclass(slots=True)
class Scopes:
    """What the jobs of a batch need, by job, and the options that they name."""

    of: dict[UUID, Scope]
    options: dict[int, Option] = field(default_factory=dict)

    def all_of(self, jobs: Iterable[Job]) -> Scope:
        """What these jobs need together."""
        listed = [self.of[job.id] for job in jobs]
        return Scope(
            class_ids={id_ for scope in listed for id_ in scope.class_ids},
            session_ids={id_ for scope in listed for id_ in scope.session_ids},
            named_session_ids={id_ for scope in listed for id_ in scope.named_session_ids},
            user_ids={id_ for scope in listed for id_ in scope.user_ids},
            option_ids={id_ for scope in listed for id_ in scope.option_ids},
            steps={step for scope in listed for step in scope.steps},
        )


def read_scopes(db: Connection, jobs: list[Job]) -> Scopes:
    """Find out what each job needs: a few queries, only for the kinds that are there."""
    scopes = Scopes({job.id: _own_scope(job) for job in jobs})
    for kinds, widen in _WIDENINGS:
        concerned = [job for job in jobs if job.kind in kinds]
        if concerned:
            widen(db, concerned, scopes)
    _add_options(db, scopes)
    return scopes


def _own_scope(job: Job) -> Scope:
    """What the job itself says."""
    scope = Scope()
    if job.user_id and job.kind != JobKind.BOOK_SEAT:
        scope.user_ids.add(job.user_id)
    if job.student_package_id is not None and job.course_step_id is not None:
        scope.steps.add((job.student_package_id, job.course_step_id))
    if job.session_id is not None:
        scope.named_session_ids.add(job.session_id)
    if "course_step_option_id" in job.request:
        scope.option_ids.add(job.option_id)
        scope.seat_option_ids.add(job.option_id)
    return scope


def _add_session(db: Connection, jobs: list[Job], scopes: Scopes) -> None:
    """The session that a job is about, and its class."""
    classes = read.classes_of_sessions(db, {job.about_session_id for job in jobs})
    for job in jobs:
        if job.about_session_id in classes:
            scopes.of[job.id].session_ids.add(job.about_session_id)
            scopes.of[job.id].class_ids.add(classes[job.about_session_id])


def _add_class(db: Connection, jobs: list[Job], scopes: Scopes) -> None:
    """The class that gets a session, if it is there still."""
    known = read.classes(db, {job.request["group_class_id"] for job in jobs})
    for job in jobs:
        scopes.of[job.id].class_ids |= {job.request["group_class_id"]} & known


def _add_person(db: Connection, jobs: list[Job], scopes: Scopes) -> None:
    """The person whom staff seat, if there is one."""
    known = read.people(db, {job.user_id for job in jobs})
    for job in jobs:
        scopes.of[job.id].user_ids |= {job.user_id} & known


def _add_all_seats(db: Connection, jobs: list[Job], scopes: Scopes) -> None:
    """Everybody who holds a seat of the session, with their steps."""
    for row in read.holders(db, {job.about_session_id for job in jobs}):
        for job in jobs:
            if job.about_session_id == row.session_id:
                _add_place(scopes.of[job.id], row)


def _add_waiting(db: Connection, jobs: list[Job], scopes: Scopes) -> None:
    """Everybody who waits for this very session."""
    for row in read.waiting_for_sessions(db, {job.about_session_id for job in jobs}):
        for job in jobs:
            if job.about_session_id == row.session_id:
                _add_place(scopes.of[job.id], row)


def _add_line(db: Connection, jobs: list[Job], scopes: Scopes) -> None:
    """The head of the session's line: the students, their steps and options."""
    for row in read.heads_of_lines(db, jobs):
        for job in jobs:
            if job.about_session_id == row.for_session_id:
                _add_place(scopes.of[job.id], row)
                scopes.of[job.id].option_ids.add(row.course_step_option_id)


def _add_all_steps(db: Connection, jobs: list[Job], scopes: Scopes) -> None:
    """Every step of the package."""
    for row in read.steps_of_packages(db, {job.student_package_id for job in jobs}):
        for job in jobs:
            if job.student_package_id == row.student_package_id:
                scopes.of[job.id].steps.add((row.student_package_id, row.course_step_id))


def _add_selections(db: Connection, jobs: list[Job], scopes: Scopes) -> None:
    """The options chosen by hand, and of the other steps those without a choice."""
    offered = read.options_of_packages(db, {job.student_package_id for job in jobs})
    for job in jobs:
        scope = scopes.of[job.id]
        for selection in job.request["selections"]:
            scope.option_ids.add(selection["course_step_option_id"])
            if selection.get("session_id") is not None:
                scope.named_session_ids.add(selection["session_id"])
        chosen_steps = {selection["course_step_id"] for selection in job.request["selections"]}
        scope.seat_option_ids |= scope.option_ids
        for step_id, option_ids in offered.get(job.student_package_id or 0, {}).items():
            scope.option_ids |= option_ids
            if len(option_ids) == 1 and step_id not in chosen_steps:
                scope.seat_option_ids |= option_ids


def _add_named_booking(db: Connection, jobs: list[Job], scopes: Scopes) -> None:
    """The booking without a step that staff named."""
    named = [job for job in jobs if job.course_step_id is None]
    if not named:
        return
    for row in read.bookings(db, {job.booking_id for job in named}):
        for job in named:
            if job.booking_id == row.id:
                scopes.of[job.id].session_ids.add(row.session_id)
                scopes.of[job.id].class_ids.add(row.group_class_id)


def _add_seats_of_steps(db: Connection, jobs: list[Job], scopes: Scopes) -> None:
    """The seats that the steps have, which may be given up."""
    wanted = {step for job in jobs for step in scopes.of[job.id].steps}
    seats = read.seats_of_steps(db, wanted)
    for job in jobs:
        scope = scopes.of[job.id]
        for step in scope.steps & seats.keys():
            session_id, class_id = seats[step]
            scope.session_ids.add(session_id)
            scope.class_ids.add(class_id)


def _add_lines_left(db: Connection, jobs: list[Job], scopes: Scopes) -> None:
    """The classes in whose lines the steps wait."""
    wanted = {step for job in jobs for step in scopes.of[job.id].steps}
    for row in read.classes_waited_for(db, wanted):
        for job in jobs:
            scope = scopes.of[job.id]
            if (row.student_package_id, row.course_step_id) in scope.steps:
                scope.class_ids.add(row.group_class_id)


def _add_options(db: Connection, scopes: Scopes) -> None:
    """The classes of the options that a seat may be taken in."""
    wanted = {id_ for scope in scopes.of.values() for id_ in scope.option_ids}
    scopes.options = read.options(db, wanted) if wanted else {}
    for scope in scopes.of.values():
        known = scope.seat_option_ids & scopes.options.keys()
        scope.class_ids |= {scopes.options[id_].group_class_id for id_ in known}


def _add_place(scope: Scope, row: read.Place) -> None:
    scope.user_ids.add(row.user_id)
    if row.student_package_id is not None and row.course_step_id is not None:
        scope.steps.add((row.student_package_id, row.course_step_id))


_K = JobKind
_WIDENINGS: list[tuple[set[JobKind], Callable[[Connection, list[Job], Scopes], None]]] = [
    (
        {
            _K.PROMOTE,
            _K.BOOK_SEAT,
            _K.CANCEL_SESSION,
            _K.MOVE_SESSION,
            _K.SET_CAPACITY,
            _K.MARK_ATTENDANCE,
        },
        _add_session,
    ),
    ({_K.ADD_SESSION}, _add_class),
    ({_K.BOOK_SEAT}, _add_person),
    ({_K.CANCEL_SESSION, _K.MOVE_SESSION, _K.MARK_ATTENDANCE}, _add_all_seats),
    ({_K.CANCEL_SESSION}, _add_waiting),
    ({_K.PROMOTE, _K.SET_CAPACITY}, _add_line),
    ({_K.BULK_BOOK, _K.CANCEL_PACKAGE}, _add_all_steps),
    ({_K.BULK_BOOK}, _add_selections),
    ({_K.CANCEL_STEP}, _add_named_booking),
    (
        {_K.CHANGE_STEP, _K.CANCEL_STEP, _K.PROMOTE, _K.SET_CAPACITY, _K.CANCEL_PACKAGE},
        _add_seats_of_steps,
    ),
    ({_K.LEAVE_WAITLIST, _K.CANCEL_PACKAGE}, _add_lines_left),
]
"""What each kind of job needs beyond what it says; the steps come before their seats."""
