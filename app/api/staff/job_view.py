"""A job as staff see it: as its client does, with whom and what it is about."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Row

from app.api.job_view import view_job


def view_staff_job(job: Row[Any]) -> dict[str, Any]:
    """What `StaffJobSchema` prints; nobody's id is 0, so those fields are None then."""
    return asdict(view_job(job)) | {
        "user_id": job.user_id or None,
        "submitted_by": job.submitted_by or None,
        "session_id": job.session_id,
        "package_id": job.student_package_id,
        "step_id": job.course_step_id,
    }
