"""What people change about themselves."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, update

from models.people import IS_THERE, UserAccount

CHANGEABLE = frozenset({"name", "time_zone", "locale", "reminders"})


def change_profile(db: Connection, user_id: int, changes: Mapping[str, Any]) -> None:
    """Give this person's row these values; raises ValueError for what isn't theirs to change."""
    if not changes.keys() <= CHANGEABLE:
        raise ValueError("only the fields of the profile can be changed")
    if changes:
        # of somebody who is erased at this moment nothing comes back
        own = update(UserAccount).where(UserAccount.id == user_id, IS_THERE)
        db.execute(own.values(**changes))
