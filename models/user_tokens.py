"""Makes the secrets of people's addresses, finds whose one is, and puts another in its place."""

import secrets
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.postgresql import insert

from models.people import IS_THERE, UserAccount
from models.set_writing import as_parameter, given_rows
from models.user_token import TokenPurpose, UserToken

TOKEN_BYTES = 32
"""Of chance in a token: nobody guesses it, so nobody needs to be slowed down in guessing."""
TOKEN_PATTERN = "[A-Za-z0-9_-]{43}"  # noqa: S105 - the form of a token, not one
"""How such a token is written: base64url (RFC 4648), without padding."""


def token_of(db: Connection, user_id: int, purpose: TokenPurpose, now: datetime) -> str:
    """The token that this person has for the purpose, made at the first ask.

    Who asks first at the same time as somebody else gets the same one. Raises IntegrityError
    where there is no such person.
    """
    known = known_token(db, user_id, purpose)
    return str(known or db.scalar(_MADE, _new(user_id, purpose, now)))


def known_token(db: Connection, user_id: int, purpose: TokenPurpose) -> str | None:
    """The token that this person has for the purpose, or None where none was ever made."""
    return db.scalar(_OF_USER, {"of_user": user_id, "for_purpose": purpose})


def provide_tokens(
    db: Connection, user_ids: Iterable[int], purpose: TokenPurpose, now: datetime
) -> None:
    """Make a token for each of these people who has none for the purpose."""
    # in one order for everybody, so that two at once can't wait for each other
    rows = [_new(user_id, purpose, now) for user_id in sorted(set(user_ids))]
    if rows:
        db.execute(_PROVIDED, {"rows": as_parameter(rows)})


def rotate(db: Connection, user_id: int, purpose: TokenPurpose, now: datetime) -> str:
    """Another token for this person and purpose; the one before is nobody's from now on.

    Raises IntegrityError where there is no such person.
    """
    return str(db.scalar(_ROTATED, _new(user_id, purpose, now)))


def user_of(db: Connection, token: str, purpose: TokenPurpose) -> int | None:
    """Whose token this is, or None where it is nobody's (any more), or for something else.

    Whoever was erased is nobody, also where a token of theirs was written at that very moment.

    It has to be written as TOKEN_PATTERN says.
    """
    return db.scalar(_BY_TOKEN, {"given": token, "for_purpose": purpose})


def _new(user_id: int, purpose: TokenPurpose, now: datetime) -> dict[str, object]:
    return {
        "user_id": user_id,
        "purpose": purpose,
        "token": secrets.token_urlsafe(TOKEN_BYTES),
        "created_at": now,
    }


_OF_USER = select(UserToken.token).where(
    UserToken.user_id == bindparam("of_user"), UserToken.purpose == bindparam("for_purpose")
)
_BY_TOKEN = (
    select(UserToken.user_id)
    .join(UserAccount, UserAccount.id == UserToken.user_id)
    .where(
        UserToken.token == bindparam("given"),
        UserToken.purpose == bindparam("for_purpose"),
        IS_THERE,
    )
)
_KEY = [UserToken.user_id, UserToken.purpose]
_COLUMNS = ("user_id", "purpose", "token", "created_at")
_PROVIDED = (
    insert(UserToken)
    .from_select(list(_COLUMNS), select(*given_rows(UserToken, _COLUMNS).c))
    .on_conflict_do_nothing(index_elements=_KEY)
)
_NEW = insert(UserToken).values({name: bindparam(name) for name in _COLUMNS})
# an update that changes nothing: unlike DO NOTHING it returns the row that was first
_MADE = _NEW.on_conflict_do_update(index_elements=_KEY, set_={"token": UserToken.token}).returning(
    UserToken.token
)
_ROTATED = _NEW.on_conflict_do_update(
    index_elements=_KEY,
    set_={"token": _NEW.excluded.token, "created_at": _NEW.excluded.created_at},
).returning(UserToken.token)
