"""The use case “mark attendance”: who came and who didn't; who came has completed the step."""

from models.booking import BookingStatus
from models.desk import Desk, Held, Job
from models.enrolment import ProgressStatus
from models.facts import booking_facts, progress_facts
from models.refusal import Refusal, RefusalCode
from models.seating import note_rebooked
from models.verdict import Verdict, done, refused


def mark_attendance(desk: Desk, job: Job) -> Verdict:
    """Mark the bookings of one session, all of them or none; `CONFIRMED` takes a mark back."""
    marks = {mark["booking_id"]: mark["status"] for mark in job.request["marks"]}
    seats = {booking_id: desk.bookings.get(booking_id) for booking_id in marks}
    for booking_id, held in seats.items():
        if held is None or not held.holds_seat or held.session_id != job.about_session_id:
            detail = f"booking {booking_id} holds no seat in session {job.about_session_id}"
            return refused(job, Refusal(RefusalCode.BOOKING_INVALID, detail))
    marked = [_mark(desk, held, marks[id_]) for id_, held in seats.items() if held is not None]
    return done(job, {"bookings": marked})


def _mark(desk: Desk, held: Held, status: str) -> dict[str, object]:
    held.status = BookingStatus(status)
    note_rebooked(desk, held)
    if held.student_package_id is None or held.course_step_id is None:
        return {"booking": booking_facts(desk, held), "progress": None}
    step = desk.steps[held.student_package_id, held.course_step_id]
    came = held.status == BookingStatus.ATTENDED
    step.progress_status = ProgressStatus.COMPLETED if came else ProgressStatus.BOOKED
    desk.changes.steps[step.progress_id] = step
    return {"booking": booking_facts(desk, held), "progress": progress_facts(step)}
