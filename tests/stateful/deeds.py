"""What each kind of job does to the world, and the outcome that its submitter is to be told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime
from typing import Any, NamedTuple

from tests.stateful import rules
from tests.stateful.rules import Wish
from tests.stateful.world import GRACE, WINDOW, Booking, Entry, Job, Session, World

OTHERS_HELP = {
    "package_expired",
    "option_invalid",
    "session_invalid",
    "no_upcoming_session",
    "session_cancelled",
    "session_started",
    "same_session",
    "already_in_session",
    "time_conflict",
    "out_of_order",
    "session_full",
    "session_not_full",
    "waitlist_closed",
}
"""The refusals against which another session of the step may help."""
CHANGED = "Student changed to different session"


class Outcome(NamedTuple):
    """A job's final state, its refusal's code, and what its result says about whom."""

    status: str
    code: str | None = None
    facts: Any = None


def refused(code: str, facts: Any = None) -> Outcome:
    """`facts`: whether a waitlist is open, or a bulk booking's failures."""
    return Outcome("REFUSED", code, False if facts is None else facts)


def done(facts: Any = None) -> Outcome:
    return Outcome("SUCCEEDED", None, facts)


def decide(world: World, job: Job, new_session: int | None) -> Outcome:
    """Decide the job; `new_session` is the id of a session that it adds, should it do so."""
    if job.body.get("dry_run"):
        return DEEDS[job.kind](deepcopy(world), job)
    if job.kind == "ADD_SESSION":
        return add_session(world, job, new_session)
    return DEEDS[job.kind](world, job)


def wish_of(world: World, job: Job) -> Wish:
    package, step = world.packages[job.package or 0], world.steps[job.step or 0]
    return Wish(
        package,
        step,
        job.body["course_step_option_id"],
        job.body.get("session_id"),
        job.at,
        leaving=world.seat_for(package, step),
        waived="override" in job.body,
    )


def alternatives(world: World, job: Job, code: str | None) -> list[int]:
    """What a refused job about one step is offered instead."""
    if code not in OTHERS_HELP or job.package is None:
        return []
    return rules.alternatives(world, wish_of(world, job))


def book(world: World, job: Job) -> Outcome:
    wish = wish_of(world, job)
    found = rules.session_to_book(world, wish)
    if isinstance(found, str):
        return refused(found, found == "session_full" and rules.line_is_open(world, wish))
    take(world, wish, found)
    return done(found.id)


def change(world: World, job: Job) -> Outcome:
    named = job.body.get("booking_id")
    if job.package is None:
        return refused("option_invalid")
    wish = wish_of(world, job)
    if named is not None and wish.leaving and wish.leaving.known_as != named:
        wish.leaving = None
    found = rules.session_to_change_to(world, wish)
    if isinstance(found, str):
        return refused(found, found == "session_full" and rules.line_is_open(world, wish))
    swap(world, wish, found)
    return done(found.id)


def cancel(world: World, job: Job) -> Outcome:
    named = job.body.get("booking_id")
    if job.package is None:
        seat = world.booking_known_as(named)
    else:
        seat = world.seat_for(world.packages[job.package], world.steps[job.step or 0])
    if seat is None or not seat.holds_seat or named not in {None, seat.known_as}:
        return refused("not_booked")
    completed = seat.step is not None and seat.status == "ATTENDED"
    if completed or (job.at > seat.cancel_until and "override" not in job.body):
        return refused("too_late_to_cancel")
    free(world, seat, job.body.get("reason"))
    return done()


def bulk(world: World, job: Job) -> Outcome:
    package = world.packages[job.package or 0]
    no = rules.use_of_package(world, Wish(package, world.steps_of(package)[0], 0, None, job.at))
    chosen = {s["course_step_id"]: s for s in job.body["selections"]}
    manual = [s for s in world.steps_of(package) if s.id in chosen]
    automatic = [s for s in world.steps_of(package) if s.id not in chosen and _only(world, s)]
    automatic = [s for s in automatic if world.progress(package, s) == "UNBOOKED"]
    if no:
        return refused(no, sorted({(step, no) for step in [*chosen, *(s.id for s in automatic)]}))
    wishes = [
        Wish(package, s, c["course_step_option_id"], c.get("session_id"), job.at)
        for s in manual
        for c in [chosen[s.id]]
    ]
    failures: list[tuple[Wish, str]] = []
    plan: list[tuple[Wish, Session]] = []
    with _tried(world):
        _try_all(world, wishes, plan, failures)
        binding = job.body["mode"] == "ALL_OR_NOTHING" and bool(failures)
        if not binding:
            rest = [Wish(package, s, _only(world, s), None, job.at) for s in automatic]
            _try_all(world, rest, plan, failures)
    told = sorted((wish.step.order, wish.step.id, no) for wish, no in failures)
    facts = [(step, no) for _, step, no in told]
    if binding or (failures and not plan):
        return refused(facts[0][1], sorted(facts))
    for wish, session in plan:
        take(world, wish, session)
    seated = sorted((wish.step.id, session.id, wish.step.id in chosen) for wish, session in plan)
    return done((seated, sorted(facts)))


def _only(world: World, step: Any) -> int:
    active = [option.id for option in world.options_of(step) if option.is_active]
    return active[0] if len(active) == 1 else 0


def _try_all(
    world: World,
    wishes: list[Wish],
    plan: list[tuple[Wish, Session]],
    failures: list[tuple[Wish, str]],
) -> None:
    for wish in wishes:
        found = rules.session_to_book(world, wish)
        if isinstance(found, str):
            failures.append((wish, found))
        else:
            plan.append((wish, found))
            world.bookings.append(_seat(wish, found))


@contextmanager
def _tried(world: World) -> Iterator[None]:
    before = list(world.bookings)
    yield
    world.bookings = before


def join(world: World, job: Job) -> Outcome:
    wish = wish_of(world, job)
    no = rules.joining(world, wish)
    if no:
        return refused(no)
    option = world.options[wish.option_id]
    world.entries.append(Entry(wish.package, wish.step, option, rules.only_session(world, wish)))
    return done()


def leave(world: World, job: Job) -> Outcome:
    entries = world.waiting(world.packages[job.package or 0], world.steps[job.step or 0])
    for entry in entries:
        entry.end("LEFT")
    return done() if entries else refused("not_waitlisted")


def promote(world: World, job: Job) -> Outcome:
    session = world.sessions[job.session or 0]
    world.promised.discard(session.id)
    seated, skipped = promote_into(world, session)
    return done((len(seated), skipped))


def promote_into(world: World, session: Session) -> tuple[list[int], list[str]]:
    """Seat those in line; returns who got a seat, and the codes of those passed over."""
    seated: list[int] = []
    skipped: list[str] = []
    line = world.line_of(session) if world.may_promote_into(session) else []
    world.behind.pop(session.id, None)
    for entry in line[: world.candidates]:
        if not entry.waits or not world.has_room(session):
            continue
        wish = _wish_of_entry(world, entry, session)
        no = rules.promotion(world, wish, session)
        if no:
            world.skips.append((entry, session.id, no))
            skipped.append(no)
            continue
        siblings = world.waiting(entry.package, entry.step)
        swap(world, wish, session, promoted=True)
        for sibling in siblings:
            sibling.end("ENDED", "SEATED_ELSEWHERE")
        entry.end("PROMOTED")
        seated.append(entry.package.user)
    if world.has_room(session) and line[world.candidates :]:
        world.promised.add(session.id)
        world.behind[session.id] = line[world.candidates - 1]
    return seated, skipped


def _wish_of_entry(world: World, entry: Entry, session: Session) -> Wish:
    leaving = world.seat_for(entry.package, entry.step)
    return Wish(entry.package, entry.step, entry.option.id, session.id, world.now, leaving)


def book_seat(world: World, job: Job) -> Outcome:
    session = world.sessions[job.session or 0]
    no = rules.not_coming(world, session)
    no = no or rules.free_time(world.seats_of(job.user or 0), session)
    no = no or (None if world.has_room(session) else "session_full")
    if no:
        return refused(no, no == "session_full" and world.may_promote_into(session))
    until = session.start - WINDOW
    made = Booking(job.user or 0, session, None, None, job.body["booking_type"], until, until)
    world.bookings.append(made)
    return done(session.id)


def add_session(world: World, job: Job, new_session: int | None) -> Outcome:
    class_id = job.body["group_class_id"]
    capacity = job.body.get("capacity_max", world.classes[class_id])
    start, end = _times(job)
    session = Session(new_session or 0, class_id, start, end, capacity)
    no = rules.not_coming(world, session)
    if no:
        return refused(no)
    world.sessions[session.id] = session
    promise(world, session)
    return done()


def cancel_session(world: World, job: Job) -> Outcome:
    session = world.sessions[job.session or 0]
    no = rules.not_coming(world, session)
    if no:
        return refused(no)
    session.is_cancelled = True
    seats = world.seats_in(session)
    for seat in seats:
        free(world, seat, job.body["reason"])
    for entry in world.entries:
        if entry.waits and entry.session is session:
            entry.end("ENDED", "SESSION_CANCELLED")
    return done(sorted((seat.user, "CANCELLED") for seat in seats))


def move_session(world: World, job: Job) -> Outcome:
    session = world.sessions[job.session or 0]
    start, end = _times(job)
    no = rules.not_coming(world, session) or ("session_started" if start <= world.now else None)
    if no:
        return refused(no)
    session.start, session.end = start, end
    affected = []
    for seat in world.seats_in(session):
        others = [other for other in world.seats_of(seat.user) if other is not seat]
        if rules.free_time(others, session):
            free(world, seat, job.body["reason"])
            affected.append((seat.user, "CANCELLED"))
        else:
            seat.change_until = seat.cancel_until = session.start
            affected.append((seat.user, "MOVED"))
    promise(world, session)
    return done(sorted(affected))


def set_capacity(world: World, job: Job) -> Outcome:
    session = world.sessions[job.session or 0]
    no = rules.not_coming(world, session)
    if no is None and job.body["capacity_max"] < len(world.seats_in(session)):
        no = "capacity_too_low"
    if no:
        return refused(no)
    session.capacity = job.body["capacity_max"]
    promise(world, session)
    affected = []
    if job.body.get("dry_run"):
        affected = [(user, "PROMOTED") for user in promote_into(world, session)[0]]
    return done(sorted(affected))


def mark(world: World, job: Job) -> Outcome:
    marks = [(world.booking_known_as(m["booking_id"]), m["status"]) for m in job.body["marks"]]
    for seat, _ in marks:
        if seat is None or not seat.holds_seat or seat.session.id != job.session:
            return refused("booking_invalid")
    for seat, status in marks:
        if seat is not None:
            seat.status = status
    return done()


def cancel_package(world: World, job: Job) -> Outcome:
    package = world.packages[job.package or 0]
    if not package.is_active:
        return refused("package_inactive")
    package.is_active = False
    affected = []
    for step in world.steps_of(package):
        for entry in world.waiting(package, step):
            entry.end("ENDED", "PACKAGE_CANCELLED")
        seat = world.seat_for(package, step)
        if seat and seat.status == "CONFIRMED" and seat.session.start > world.now:
            free(world, seat, job.body["reason"])
            affected.append((seat.user, "CANCELLED"))
    return done(sorted(affected))


def take(world: World, wish: Wish, session: Session, *, promoted: bool = False) -> None:
    seat = _seat(wish, session)
    if promoted:
        seat.change_until = _at_least(seat.change_until, world, session)
        seat.cancel_until = _at_least(seat.cancel_until, world, session)
    world.bookings.append(seat)
    for entry in world.waiting(wish.package, wish.step):
        if entry.is_for(session):
            entry.end("ENDED", "SEATED_ELSEWHERE")


def _seat(wish: Wish, session: Session) -> Booking:
    program = wish.package.program
    return Booking(
        wish.package.user,
        session,
        wish.package,
        wish.step,
        "COURSE_STEP",
        change_until=session.start - program.change_window,
        cancel_until=session.start - program.cancel_window,
        replaces=wish.leaving,
    )


def _at_least(until: datetime, world: World, session: Session) -> datetime:
    return min(session.start, max(until, world.now + GRACE))


def swap(world: World, wish: Wish, session: Session, *, promoted: bool = False) -> None:
    if wish.leaving is not None:
        free(world, wish.leaving, CHANGED)
    take(world, wish, session, promoted=promoted)


def free(world: World, seat: Booking, reason: str | None) -> None:
    seat.status, seat.reason = "CANCELLED", reason
    promise(world, seat.session)


def promise(world: World, session: Session) -> None:
    """Let a promotion look at the whole line, if there is one and room for it."""
    world.behind.pop(session.id, None)
    if world.is_coming(session) and world.has_room(session) and world.line_of(session):
        world.promised.add(session.id)


def _times(job: Job) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(job.body["start_at"]), datetime.fromisoformat(job.body["end_at"])


DEEDS: dict[str, Callable[[World, Job], Outcome]] = {
    "BOOK_STEP": book,
    "CHANGE_STEP": change,
    "CANCEL_STEP": cancel,
    "BULK_BOOK": bulk,
    "JOIN_WAITLIST": join,
    "LEAVE_WAITLIST": leave,
    "PROMOTE": promote,
    "BOOK_SEAT": book_seat,
    "CANCEL_SESSION": cancel_session,
    "MOVE_SESSION": move_session,
    "SET_CAPACITY": set_capacity,
    "MARK_ATTENDANCE": mark,
    "CANCEL_PACKAGE": cancel_package,
}
