"""Jobs of one package are decided in the order of their acceptance, whatever lanes they wait in."""

from sqlalchemy import Connection, select

from models.booking_job import BookingJob, JobStatus
from models.desk import Job


def hold_back(db: Connection, jobs: list[Job]) -> tuple[list[Job], set[int]]:
    """The jobs whose turn it is, and the lanes in which older ones of the others' packages wait.

    Call it holding the students' locks: what an older job came to is then decided and seen, or
    its turn has not begun.
    """
    ours = {job.id for job in jobs}
    older = db.execute(
        select(BookingJob.id, BookingJob.student_package_id, BookingJob.arrival, BookingJob.lanes)
        .where(
            BookingJob.status == JobStatus.QUEUED,
            BookingJob.student_package_id.in_({job.student_package_id for job in jobs}),
        )
        .order_by(BookingJob.arrival)
    )
    first: dict[int, int] = {}
    lanes: set[int] = set()
    latest = {job.student_package_id: job.arrival for job in sorted(jobs, key=lambda j: j.arrival)}
    for row in older:
        if row.id not in ours and row.arrival < latest[row.student_package_id]:
            first.setdefault(row.student_package_id, row.arrival)
            lanes.update(row.lanes)
    turn = [job for job in jobs if job.arrival < first.get(job.student_package_id, job.arrival + 1)]
    return turn, lanes
