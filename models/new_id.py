"""New ids for what is written: jobs, messages, events."""

from uuid import UUID

from uuid6 import uuid7


def new_id() -> UUID:
    """An id that nothing else has, and that sorts behind the earlier ones (UUID, version 7)."""
    # uuid6 has a class of its own for them, which orjson doesn't write
    return UUID(int=uuid7().int)
