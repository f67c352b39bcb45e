"""Bearer tokens: JWTs (RFC 7519) whose `sub` is a user id.

HS256 with our own secret, or RS256/ES256 with somebody's public keys: which one is settled by
the configuration, never by the token (RFC 8725 3.1). Who a user is and may do is read from the
database; a token only says which user.
"""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jwt

from app.jwks import ALGORITHMS, KeySet, keys_at_url, keys_in_file
from app.settings import Settings

_MAX_ID = 2**63 - 1
_LAST_SECOND = datetime(9999, 1, 1, tzinfo=UTC).timestamp()
_USER_ID = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)


class InvalidToken(Exception):  # noqa: N818 - what RFC 6750 calls it
    """The token proves nothing; the text says why and holds nothing of the token."""


def issue_token(settings: Settings, user_id: int, lifetime: timedelta, now: datetime) -> str:
    """Sign a token for this user, valid from `now` for `lifetime`.

    Raises ValueError where tokens are checked with public keys: only their owner can sign.
    """
    if settings.jwt_secret is None:
        raise ValueError("tokens are signed by the issuer whose JWKS is configured, not here")
    claims: dict[str, Any] = {"sub": str(user_id), "iat": now, "exp": now + lifetime}
    if settings.jwt_issuer:
        claims["iss"] = settings.jwt_issuer
    if settings.jwt_audience:
        claims["aud"] = settings.jwt_audience
    return jwt.encode(claims, settings.jwt_secret, algorithm="HS256")


def read_token(settings: Settings, token: str, now: datetime) -> int:
    """Return the id of the user whom a valid token names.

    Raises InvalidToken, or `app.jwks.KeysUnavailable` while the issuer's keys can't be read.
    """
    if not token.isascii():  # the library would stumble over half a surrogate pair
        raise InvalidToken("The token's form is not valid.")
    key, algorithms = _key(settings, token)
    try:
        claims = _claims(token, key, algorithms, settings.jwt_audience, settings.jwt_issuer)
    except jwt.PyJWTError as error:
        raise InvalidToken(_reason(error)) from error
    _check_times(claims, now.timestamp())
    return _user_id(claims["sub"])


def token_ends_at(settings: Settings, token: str) -> datetime:
    """Return when a token expires that `read_token` found valid."""
    key, algorithms = _key(settings, token)
    claims = _claims(token, key, algorithms, settings.jwt_audience, settings.jwt_issuer)
    # some issuers write a time beyond every calendar where they mean "never"
    return datetime.fromtimestamp(min(_seconds(claims["exp"]), _LAST_SECOND), UTC)


@lru_cache(maxsize=2000)
def _claims(
    token: str,
    key: jwt.PyJWK | str,
    algorithms: tuple[str, ...],
    audience: str | None,
    issuer: str | None,
) -> Mapping[str, Any]:
    """Return what a token says that was signed with this key.

    Who polls sends the same token again and again. Its times aren't looked at here, and a key
    that the issuer took back isn't found any more, so that nothing is remembered too long.
    """
    return MappingProxyType(
        jwt.decode(
            token,
            key,
            algorithms=algorithms,
            audience=audience,
            issuer=issuer,
            options={
                "require": ["exp", "sub"],
                "verify_aud": audience is not None,
                "verify_iss": issuer is not None,
                "enforce_minimum_key_length": True,
                # the library asks its own clock and wants text as sub; the caller checks both
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
                "verify_sub": False,
            },
        )
    )


def _key(settings: Settings, token: str) -> tuple[jwt.PyJWK | str, tuple[str, ...]]:
    keys = _key_set(settings.jwt_jwks_file, settings.jwt_jwks_url)
    if keys is None:
        return settings.jwt_secret or "", ("HS256",)
    try:
        key_id = jwt.get_unverified_header(token).get("kid")
    except jwt.PyJWTError as error:
        raise InvalidToken(_reason(error)) from error
    key = keys.find(key_id)
    if key is None:
        raise InvalidToken("The token is signed with an unknown key.")
    return key, tuple(ALGORITHMS)


@lru_cache
def _key_set(file: Path | None, url: str | None) -> KeySet | None:
    """One set per process, so that it is read seldom."""
    if file is not None:
        return keys_in_file(file)
    return keys_at_url(url) if url is not None else None


def _reason(error: jwt.PyJWTError) -> str:
    if isinstance(error, jwt.MissingRequiredClaimError):
        return f"The token has no {error.claim}."
    if isinstance(error, jwt.InvalidAudienceError):
        return "The token is for another audience."
    if isinstance(error, jwt.InvalidIssuerError):
        return "The token is from another issuer."
    return "The token's form, algorithm or signature is not valid."


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    if _seconds(claims["exp"]) <= now:
        raise InvalidToken("The token has expired.")
    if "nbf" in claims and _seconds(claims["nbf"]) > now:
        raise InvalidToken("The token is not valid yet.")


def _seconds(value: Any) -> float:
    """Read a NumericDate (RFC 7519 2) as POSIX seconds."""
    try:
        seconds = float(value) if type(value) in (int, float) else math.nan
    except OverflowError:  # an integer of hundreds of digits
        seconds = math.inf
    if not math.isfinite(seconds):
        raise InvalidToken("A time in the token is not a number.")
    return seconds


def _user_id(subject: Any) -> int:
    """RFC 7519 wants text; a bare integer is taken too, as several issuers write it."""
    text = str(subject) if type(subject) is int else subject
    if not isinstance(text, str) or not _USER_ID.fullmatch(text) or int(text) > _MAX_ID:
        raise InvalidToken("The token's sub is not a user id.")
    return int(text)
