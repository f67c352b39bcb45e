"""The rules of taking a seat, as the model understands them: a code for “no”, None for “yes”."""

from dataclasses import dataclass
from datetime import datetime

from tests.stateful.world import Booking, Option, Package, Session, Step, World


@dataclass
class Wish:
    """A seat for a step of a package, asked for at an instant."""

    package: Package
    step: Step
    option_id: int
    session_id: int | None
    at: datetime
    leaving: Booking | None = None
    waived: bool = False


def use_of_package(world: World, wish: Wish) -> str | None:
    """The rules about package and program, which come before all others."""
    package = wish.package
    if not package.is_active:
        return "package_inactive"
    only = only_session(world, wish)
    if package.expires_at and (
        wish.at > package.expires_at or (only and only.start > package.expires_at)
    ):
        return "package_expired"
    if package.program.opens_at and wish.at < package.program.opens_at:
        return "not_open_yet"
    return None


def only_session(world: World, wish: Wish) -> Session | None:
    """The session that is named or pinned; None where the option leaves a choice."""
    option = world.options.get(wish.option_id)
    if option is None:
        return None
    if wish.session_id is None:
        return _pinned(world, wish, option)
    named = world.sessions.get(wish.session_id)
    return named if named and named.class_id == option.class_id else None


def _pinned(world: World, wish: Wish, option: Option) -> Session | None:
    pinned = world.sessions.get(world.pins.get((wish.package.cohort, option.id), 0))
    if pinned and pinned.class_id == option.class_id and world.is_coming(pinned):
        return pinned
    return None


def sessions_meant(world: World, wish: Wish) -> list[Session] | str:
    """The sessions that the wish may come true in, the one that is left aside, or why none."""
    option = world.options.get(wish.option_id)
    if option is None or not option.is_active or option.step is not wish.step:
        return "option_invalid"
    found = _candidates(world, wish, option)
    if isinstance(found, str):
        return found
    left = wish.leaving.session if wish.leaving else None
    return [session for session in found if session is not left] or "same_session"


def _candidates(world: World, wish: Wish, option: Option) -> list[Session] | str:
    only = only_session(world, wish)
    if wish.session_id is not None:
        return "session_invalid" if only is None else (not_coming(world, only) or [only])
    if only is not None:
        return [only]
    coming = [s for s in world.sessions_of(option.class_id) if world.is_coming(s)]
    return sorted(coming, key=lambda s: (s.start, s.id)) or "no_upcoming_session"


def not_coming(world: World, session: Session) -> str | None:
    if session.is_cancelled:
        return "session_cancelled"
    return "session_started" if session.start <= world.now else None


def change_window(world: World, wish: Wish) -> str | None:
    if wish.leaving is None:
        return None
    if wish.leaving.status == "ATTENDED":
        return "too_late_to_change"
    late = wish.at > wish.leaving.change_until and not wish.waived
    return "too_late_to_change" if late else None


def attendance(world: World, wish: Wish, session: Session) -> str | None:
    """Whether the student could come, whatever the seats."""
    kept = [seat for seat in world.seats_of(wish.package.user) if seat is not wish.leaving]
    if wish.package.expires_at and session.start > wish.package.expires_at:
        return "package_expired"
    clash = free_time(kept, session)
    if clash:
        return clash
    if wish.step.program.ordered and not wish.waived and _out_of_order(wish, kept, session):
        return "out_of_order"
    return None


def free_time(seats: list[Booking], session: Session) -> str | None:
    if any(seat.session is session for seat in seats):
        return "already_in_session"
    if any(seat.session.start < session.end and session.start < seat.session.end for seat in seats):
        return "time_conflict"
    return None


def _out_of_order(wish: Wish, kept: list[Booking], session: Session) -> bool:
    siblings = [seat for seat in kept if seat.package is wish.package and seat.step]
    return any(
        (seat.step.order < wish.step.order and session.start < seat.session.start)
        or (seat.step.order > wish.step.order and session.start > seat.session.start)
        for seat in siblings
        if seat.step
    )


def choose(world: World, wish: Wish, among: list[Session]) -> Session | str:
    """The session that the student gets, or why none."""
    if len(among) == 1:
        [only] = among
        full = None if world.has_room(only) else "session_full"
        return attendance(world, wish, only) or full or only
    with_room = [session for session in among if world.has_room(session)]
    reasons = [attendance(world, wish, session) for session in with_room]
    for session, reason in zip(with_room, reasons, strict=True):
        if reason is None:
            return session
    return reasons[0] or "session_full" if reasons else "session_full"


def line_is_open(world: World, wish: Wish) -> bool:
    """Whether somebody for whom all is full may wait."""
    among = sessions_meant(world, wish)
    return not isinstance(among, str) and any(world.may_promote_into(s) for s in among)


def alternatives(world: World, wish: Wish) -> list[int]:
    """The sessions that the step could be booked in instead, the earliest first."""
    classes = {o.class_id for o in world.options_of(wish.step) if o.is_active}
    left = wish.leaving.session if wish.leaving else None
    found = [
        session
        for session in world.sessions.values()
        if session.class_id in classes and session is not left
        if world.is_coming(session) and world.has_room(session)
        if attendance(world, wish, session) is None
    ]
    return [s.id for s in sorted(found, key=lambda s: (s.start, s.id))][:10]


def session_to_book(world: World, wish: Wish) -> Session | str:
    no = use_of_package(world, wish)
    if no is None and world.progress(wish.package, wish.step) != "UNBOOKED":
        no = "step_already_booked"
    if no:
        return no
    among = sessions_meant(world, wish)
    return among if isinstance(among, str) else choose(world, wish, among)


def session_to_change_to(world: World, wish: Wish) -> Session | str:
    no = use_of_package(world, wish) or (None if wish.leaving else "not_booked")
    if no:
        return no
    among = sessions_meant(world, wish)
    if isinstance(among, str):
        return among
    return change_window(world, wish) or choose(world, wish, among)


def joining(world: World, wish: Wish) -> str | None:
    no = use_of_package(world, wish)
    if no is None and world.progress(wish.package, wish.step) == "COMPLETED":
        no = "step_already_booked"
    if no:
        return no
    among = sessions_meant(world, wish)
    if isinstance(among, str):
        return among
    return (
        _waits_for_own_class(world, wish) or change_window(world, wish) or _line(world, wish, among)
    )


def _waits_for_own_class(world: World, wish: Wish) -> str | None:
    """Whoever has a seat in a class can't wait for just any of its sessions."""
    own = wish.leaving and wish.leaving.session.class_id == world.options[wish.option_id].class_id
    return "same_session" if own and only_session(world, wish) is None else None


def _line(world: World, wish: Wish, among: list[Session]) -> str | None:
    fitting = [session for session in among if attendance(world, wish, session) is None]
    if not fitting:
        return attendance(world, wish, among[0])
    if any(world.has_room(session) for session in fitting):
        return "session_not_full"
    for entry in world.waiting(wish.package, wish.step):
        if entry.option.id == wish.option_id and entry.session is only_session(world, wish):
            return "already_waitlisted"
    if not any(world.may_promote_into(session) for session in fitting):
        return "waitlist_closed"
    return None


def promotion(world: World, wish: Wish, session: Session) -> str | None:
    """Why somebody in the line can't have the session's seat now."""
    option = world.options[wish.option_id]
    return (
        use_of_package(world, wish)
        or (None if option.is_active else "option_invalid")
        or ("same_session" if wish.leaving and wish.leaving.session is session else None)
        or change_window(world, wish)
        or attendance(world, wish, session)
    )
