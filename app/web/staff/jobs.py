"""The queue as it stands, and everybody's jobs, the newest first."""

from flask import Response, request

from app.api.collaborators import current_runtime, current_settings, request_db
from app.api.schemas.staff.jobs import StaffJobListSchema, StaffJobQuerySchema
from app.api.staff.jobs import page_of_jobs
from app.setting_values import LOOPBACK
from app.web.page import render
from app.web.reader import current_reader
from app.web.staff.listing import NOTHING, asked, later_page
from models.booking_job import JobKind, JobStatus
from models.people import find_names

_QUERY = StaffJobQuerySchema()


def show_jobs() -> Response:
    """Show the queue's length and age, when a worker was last seen, and the jobs asked for."""
    reader, runtime = current_reader(), current_runtime()
    wanted = asked(_QUERY, reader)
    listed = NOTHING if wanted.faults else page_of_jobs(wanted.query)
    jobs = listed["items"]
    people = {job[name] for job in jobs for name in ("user_id", "submitted_by") if job[name]}
    return render(
        "staff/jobs.html",
        wanted.status,
        reader=reader,
        length=runtime.queue.snapshot().length,
        oldest=runtime.readiness.oldest_queued_seconds(),
        worker_seen=runtime.readiness.worker_seen_seconds_ago(),
        jobs=jobs,
        names=find_names(request_db(), people),
        sent=request.args,
        statuses=list(JobStatus),
        kinds=list(JobKind),
        faults=wanted.faults,
        later=later_page(listed, StaffJobListSchema),
        flower=current_settings().flower_url,
        flower_is_near=is_flower_near(),
    )


def is_flower_near() -> bool:
    """Whether the reader's browser is on the machine that Flower answers on."""
    return current_settings().host in LOOPBACK
