"""What the contract says a job's parts are made of."""

from collections.abc import Iterator
from typing import Any

JOB = {
    *("id", "kind", "status", "position", "estimatedSeconds", "pollAfterMs", "attempts", "taskId"),
    *("retryOf", "submittedAt", "decidedAt", "result", "error"),
}
BOOKING = {
    *("id", "sessionId", "status", "bookingType", "createdAt", "courseStepId", "studentPackageId"),
    *("metadata", "paymentStatus", "changeUntil", "cancelUntil"),
}
PROGRESS = {"id", "courseStepId", "status", "bookingId", "bookedAt"}
OFFER = {
    *("courseStepOptionId", "sessionId", "groupClassId", "groupClassName", "startAt", "endAt"),
    *("capacityMax", "spotsAvailable", "isActive", "teacherName", "timeZone", "isDefault"),
    "waitlistOpen",
}
ENTRY = {"id", "courseStepOptionId", "sessionId", "position", "joinedAt"}
SESSION = {
    *("id", "groupClassId", "groupClassName", "startAt", "endAt", "capacityMax", "seatsTaken"),
    "status",
}
AFFECTED = {"studentId", "bookingId", "outcome", "alternatives"}
PROBLEM = {
    *("type", "title", "status", "code", "detail", "message", "alternatives", "waitlistOpen"),
}
FAILURE = {"courseStepId", "code", "message", "alternatives", "waitlistOpen"}
INSTANTS = {
    *("createdAt", "changeUntil", "cancelUntil", "bookedAt", "joinedAt", "startAt", "endAt"),
    *("submittedAt", "decidedAt"),
}


def instants(node: Any) -> Iterator[str]:
    """Every point in time that a document holds."""
    if isinstance(node, list):
        for inner in node:
            yield from instants(inner)
    if isinstance(node, dict):
        for name, inner in node.items():
            if name in INSTANTS and inner is not None:
                yield inner
            yield from instants(inner)


def names(node: Any) -> Iterator[str]:
    """Every member's name in a document."""
    if isinstance(node, list):
        for inner in node:
            yield from names(inner)
    if isinstance(node, dict):
        for name, inner in node.items():
            yield name
            yield from names(inner)


def check_wire(job: dict[str, Any]) -> None:
    """A job looks on the wire as every job does: camelCase, and instants in UTC."""
    assert set(job) >= JOB
    assert not [name for name in names(job) if "_" in name]
    found = list(instants(job))
    assert found
    assert all(moment.endswith("Z") for moment in found)
