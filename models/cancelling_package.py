"""The use case “cancel a package”: its coming seats are freed and it can't be used any more."""

from models.booking import BookingStatus
from models.bulk_plan import package_steps
from models.desk import Desk, Held, Job, Step
from models.enrolment import PackageStatus
from models.refusal import Refusal, RefusalCode
from models.seating import end_entry, free_seat
from models.telling import tell_cancelled
from models.verdict import Affected, Verdict, affecting, refused
from models.waitlist import EndReason, WaitlistStatus


def cancel_package(desk: Desk, job: Job) -> Verdict:
    """Cancel the package with its seats in coming sessions; what was attended stays."""
    steps = list(package_steps(desk, job).values())
    if any(step.package_status != PackageStatus.ACTIVE for step in steps):
        detail = f"package {job.student_package_id} is cancelled already"
        return refused(job, Refusal(RefusalCode.PACKAGE_INACTIVE, detail))
    if job.student_package_id is not None:
        desk.changes.cancelled_packages.add(job.student_package_id)
    affected = []
    for step in steps:
        step.package_status = PackageStatus.CANCELLED
        _leave_lines(desk, step)
        held = desk.seat_of(step)
        if held is not None and _is_to_come(desk, held):
            affected.append(_give_back(desk, job, held))
    return affecting(job, affected, {})


def _leave_lines(desk: Desk, step: Step) -> None:
    for entry in desk.waiting_for(step):
        end_entry(desk, entry, WaitlistStatus.ENDED, EndReason.PACKAGE_CANCELLED)


def _is_to_come(desk: Desk, held: Held) -> bool:
    return held.status == BookingStatus.CONFIRMED and held.start_at > desk.now


def _give_back(desk: Desk, job: Job, held: Held) -> Affected:
    free_seat(desk, job, held, job.request["reason"])
    tell_cancelled(desk, job, held)
    return Affected(held.user_id, held.booking_id, "CANCELLED")
