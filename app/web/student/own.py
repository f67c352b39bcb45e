"""One's own packages and steps as pages show them: where each stands, and what waits for it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.api.auth import current_user_id
from app.api.collaborators import current_settings, request_db
from app.api.job_view import ViewedJob, view_job
from app.api.problem import Problem
from app.web.reader import Reader
from models.booking import BookingStatus
from models.booking_job import JobStatus
from models.enrolment import PackageStatus, ProgressStatus
from models.enrolments import enrolments
from models.own_jobs import list_jobs

MOST_WAITING_JOBS = 100

PackageStep = tuple[int | None, int | None]
Waiting = Mapping[PackageStep, ViewedJob]
"""The newest queued job of each step; of a whole package, under the step None."""


def own_packages(reader: Reader) -> list[dict[str, Any]]:
    """All packages; each step with its `state`, its waiting `job`, and what one `may` do."""
    db, user_id = request_db(), current_user_id()
    packages = enrolments(db, user_id, reader.now, current_settings().policy)
    waiting = waiting_jobs()
    for package in packages:
        package["job"] = waiting.get((package["package_id"], None))
        for step in package["steps"]:
            step["job"] = waiting.get((package["package_id"], step["step_id"]))
            step["state"] = state_of(step, reader.now)
            step["may"] = _allowed(package, step, reader.now)
    return packages


def own_step(reader: Reader, package_id: int, step_id: int) -> tuple[dict[str, Any], ...]:
    """The package and its step; raises Problem 404 for anybody else's."""
    for package in own_packages(reader):
        for step in package["steps"]:
            if (package["package_id"], step["step_id"]) == (package_id, step_id):
                return package, step
    raise Problem("not_found")


def waiting_jobs() -> Waiting:
    """What one has asked for that isn't decided yet."""
    jobs = list_jobs(
        request_db(),
        current_user_id(),
        status=JobStatus.QUEUED,
        before_arrival=None,
        limit=MOST_WAITING_JOBS,
    )
    # the newest comes first, and is written last
    return {
        (job.student_package_id, job.course_step_id): view_job(job)
        for job in reversed(jobs)
        if job.student_package_id is not None
    }


def state_of(step: Mapping[str, Any], now: datetime) -> str:
    """Where one stands with a step, in a word that pages have a sentence and a colour for."""
    booking, session = step["booking"], step["session"]
    if booking is None:
        return "waiting" if step["waitlist"] else "open"
    if booking["status"] == BookingStatus.ATTENDED:
        return "attended"
    if booking["status"] == BookingStatus.NO_SHOW:
        return "missed"
    return "over" if session["end_at"] <= now else "booked"


def _allowed(package: Mapping[str, Any], step: Mapping[str, Any], now: datetime) -> dict[str, bool]:
    """Whether one may book the step, change its seat and cancel it, as the rules would say now."""
    expires_at, opens_at = package["expires_at"], package["program"]["booking_opens_at"]
    is_usable = (
        package["status"] == PackageStatus.ACTIVE
        and (expires_at is None or now <= expires_at)
        and (opens_at is None or now >= opens_at)
    )
    booking = step["booking"]
    is_held = booking is not None and step["progress"]["status"] != ProgressStatus.COMPLETED
    return {
        "book": is_usable and booking is None,
        "change": is_usable and is_held and now <= booking["change_until"],
        # whether the package still runs doesn't matter
        "cancel": is_held and now <= booking["cancel_until"],
    }
