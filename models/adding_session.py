"""The use case “add a session” to a group class; whoever waits for the class gets its seats."""

from datetime import datetime

from models.catalog import SessionStatus
from models.choosing import judge_coming
from models.desk import Desk, Job, Seats
from models.facts import session_facts
from models.refusal import Refusal, RefusalCode
from models.seating import promise_free_seats
from models.verdict import Verdict, done, refused


def add_session(desk: Desk, job: Job) -> Verdict:
    """Plan another session of the class, with the class's capacity unless told otherwise."""
    group_class = desk.classes.get(job.request["group_class_id"])
    if group_class is None:
        detail = f"there is no group class {job.request['group_class_id']} any more"
        return refused(job, Refusal(RefusalCode.SESSION_INVALID, detail, "There is no such class."))
    session = Seats(
        id=next(desk.session_ids),
        group_class_id=group_class.id,
        group_class_name=group_class.name,
        start_at=datetime.fromisoformat(job.request["start_at"]),
        end_at=datetime.fromisoformat(job.request["end_at"]),
        capacity_max=job.request.get("capacity_max", group_class.capacity_max),
        seats_taken=0,
        status=SessionStatus.SCHEDULED,
    )
    refusal = judge_coming(desk, session)
    if refusal is not None:
        return refused(job, refusal)
    desk.lay_added(session)
    desk.changes.added_sessions.append(session)
    promise_free_seats(desk, session)
    return done(job, {"session": session_facts(session)})
