"""The lanes of the queue: jobs that compete for the same seats wait in the same lane."""

LANES = 16
"""How many lanes there are: enough to keep a few workers busy, few enough to look at all."""


def lane_of(group_class_id: int | None) -> int:
    """The lane of a group class; jobs that name no known class wait in lane 0."""
    return (group_class_id or 0) % LANES
