"""A job that the server gave up."""

from sqlalchemy import text

from tests.school import School

PROBLEM = '{"code": "job_failed", "message": "A sentence.", "detail": "x"}'


def give_up(school: School, job_id: str) -> None:
    """Leave a queued job as one that broke each time it was tried."""
    with school.engine.begin() as db:
        query = (
            "UPDATE booking_job SET status = 'FAILED', decided_at = now(), attempts = 5,"
            " error = CAST(:error AS jsonb) WHERE id = :id"
        )
        db.execute(text(query), {"id": job_id, "error": PROBLEM})
        db.execute(text("DELETE FROM job_queue WHERE job_id = :id"), {"id": job_id})
