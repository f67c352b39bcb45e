"""The use case “leave the waitlist”: every place in line that a step has."""

from models.desk import Desk, Job
from models.refusal import Refusal, RefusalCode
from models.seating import end_entry
from models.verdict import Verdict, done, refused
from models.waitlist import WaitlistStatus


def leave_waitlist(desk: Desk, job: Job) -> Verdict:
    """Take the student out of every line that they stand in for the step.

    Whether the package still runs doesn't matter.
    """
    step = desk.step_of(job)
    waiting = desk.waiting_for(step)
    if not waiting:
        detail = f"step {step.course_step_id} is on no waitlist"
        return refused(job, Refusal(RefusalCode.NOT_WAITLISTED, detail))
    for entry in waiting:
        end_entry(desk, entry, WaitlistStatus.LEFT)
    return done(job, {"success": True, "left": [entry.id for entry in waiting]})
