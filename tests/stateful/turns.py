"""Who may be decided before whom: nobody is overtaken, and the waitlist comes before newcomers."""

from collections.abc import Iterable

from models.lanes import LANES
from tests.stateful.deeds import wish_of
from tests.stateful.rules import only_session
from tests.stateful.world import Job, World

OF_A_SESSION = {
    "PROMOTE",
    "BOOK_SEAT",
    "CANCEL_SESSION",
    "MOVE_SESSION",
    "SET_CAPACITY",
    "MARK_ATTENDANCE",
}
OF_AN_OPTION = {"BOOK_STEP", "CHANGE_STEP", "JOIN_WAITLIST"}


def overtaken(world: World, job: Job, waiting: Iterable[Job]) -> list[str]:
    """What was unfair about deciding this job while the others waited, in sentences."""
    unfair = [
        f"{job.kind} {job.place} went before {other.kind} {other.place}"
        for other in waiting
        if other.place < job.place and _compete(world, job, other)
    ]
    promised = [id_ for id_ in world.promised if _is_needed(world, id_)]
    unfair += [
        f"{job.kind} {job.place} might take a seat of session {session_id}, promised to its line"
        for session_id in promised
        if _may_take(world, job, session_id)
    ]
    return unfair


def needed(world: World) -> set[int]:
    """The sessions whose line a promotion has to look at."""
    return {id_ for id_ in world.promised if _is_needed(world, id_)}


def _is_needed(world: World, session_id: int) -> bool:
    session = world.sessions[session_id]
    return world.has_room(session) and bool(world.line_of(session))


def _compete(world: World, job: Job, other: Job) -> bool:
    if job.package is not None and job.package == other.package:
        return True
    if "PROMOTE" in {job.kind, other.kind}:
        # newcomers are held to what the promotion is for; who leaves in time isn't promoted
        return "LEAVE_WAITLIST" in {job.kind, other.kind} and _share_a_class(world, job, other)
    return _share_a_class(world, job, other)


def _share_a_class(world: World, job: Job, other: Job) -> bool:
    return not _classes(world, job).isdisjoint(_classes(world, other))


def _classes(world: World, job: Job) -> set[int]:
    """The classes that the job is about now, where it waits in their lanes."""
    return {id_ for id_ in _all_classes(world, job) if id_ % LANES in job.lanes}


def _all_classes(world: World, job: Job) -> Iterable[int]:
    if job.kind in OF_A_SESSION:
        yield world.sessions[job.session or 0].class_id
    elif job.kind in OF_AN_OPTION and job.package is not None:
        option = world.options.get(job.body["course_step_option_id"])
        yield option.class_id if option else 0
    elif job.kind == "ADD_SESSION":
        yield job.body["group_class_id"]
    elif job.kind == "BULK_BOOK":
        for selection in job.body["selections"]:
            yield world.options[selection["course_step_option_id"]].class_id
    elif job.package is not None and job.kind in {"CANCEL_STEP", "LEAVE_WAITLIST"}:
        yield from _classes_of_step(world, job)


def _classes_of_step(world: World, job: Job) -> Iterable[int]:
    package, step = world.packages[job.package or 0], world.steps[job.step or 0]
    if job.kind == "LEAVE_WAITLIST":
        yield from (entry.option.class_id for entry in world.waiting(package, step))
    elif seat := world.seat_for(package, step):
        yield seat.session.class_id


def _may_take(world: World, job: Job, session_id: int) -> bool:
    if job.kind == "BOOK_SEAT":
        return job.session == session_id
    if job.kind in OF_AN_OPTION and job.package is not None:
        only = only_session(world, wish_of(world, job))
        if only is not None or job.body.get("session_id") is not None:
            return only is not None and only.id == session_id
    if job.kind in OF_AN_OPTION or job.kind == "BULK_BOOK":
        return world.sessions[session_id].class_id in set(_all_classes(world, job))
    return False
