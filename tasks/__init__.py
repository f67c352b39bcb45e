"""Delivery, retry and wake-ups: the Celery tasks, which know no rules."""
