"""Puts the task of a job into the broker."""

from uuid import UUID

from tasks.celery_app import PROCESS, celery


def publish_process(job_id: UUID) -> None:
    """Publish the task of this job, under the job's own id; raises when the broker is away.

    By its name, so that whoever only publishes keeps no deciding in memory.
    """
    celery.send_task(PROCESS, (str(job_id),), task_id=str(job_id), retry=False)
