"""Puts tasks into the broker by their names, so that whoever only publishes loads none of them."""

from uuid import UUID

from tasks.celery_app import PROCESS, SEND_MAIL, celery


def publish_process(job_id: UUID) -> None:
    """Publish the task of this job, under the job's own id; raises when the broker is away."""
    celery.send_task(PROCESS, (str(job_id),), task_id=str(job_id), retry=False)


def publish_send_mail() -> None:
    """Publish the task that sends the mail that waits; raises when the broker is away."""
    celery.send_task(SEND_MAIL, retry=False)
