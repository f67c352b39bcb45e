"""Writes what a batch came to: seats, bookings, progress, messages, outcomes, queue.

All of it in the transaction that holds the batch's locks, so that it is seen together or not
at all.
"""

from typing import Any

from sqlalchemy import Connection

from models.alternatives import offer_alternatives
from models.booked_messages import write_messages
from models.booking_job import JobStatus
from models.booking_step import Taken, Verdicts, booking_facts, progress_facts
from models.desk import Desk, Job
from models.finishing import finish_jobs, leave_queue
from models.refusal import Refusal
from models.seat_taking import draw_booking_ids, write_bookings


def record(db: Connection, desk: Desk, verdicts: Verdicts, task_id: str | None) -> None:
    """Write the verdicts of a batch and take its jobs out of the queue."""
    booked = dict(zip(draw_booking_ids(db, len(verdicts.taken)), verdicts.taken, strict=True))
    if booked:
        write_bookings(db, booked)
        write_messages(db, booked)
    offer_alternatives(db, desk, verdicts.refused)
    outcomes = [_succeeded(*made) for made in booked.items()]
    outcomes += [_refused(*refused) for refused in verdicts.refused]
    decided = [taken.job for taken in verdicts.taken] + [job for job, _ in verdicts.refused]
    finish_jobs(db, outcomes, desk.now, task_id)
    leave_queue(db, decided)


def _succeeded(booking_id: int, taken: Taken) -> dict[str, Any]:
    return {
        "job_id": taken.job.id,
        "status": JobStatus.SUCCEEDED,
        "result": {
            "booking": booking_facts(taken, booking_id),
            "progress": progress_facts(taken, booking_id),
        },
        "error": None,
    }


def _refused(job: Job, refusal: Refusal) -> dict[str, Any]:
    return {
        "job_id": job.id,
        "status": JobStatus.REFUSED,
        "result": None,
        "error": refusal.facts(),
    }
