"""The public keys (RFC 7517) that tokens are checked with, from a file or a URL."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import structlog
from jwt import PyJWK, PyJWKClient, PyJWKSet
from jwt.exceptions import PyJWTError

ALGORITHMS = ("RS256", "ES256")
"""The only ones accepted, whatever a key or a token says of itself."""

FRESH_SECONDS = 300.0
RETRY_SECONDS = 30.0
_FETCH_TIMEOUT_SECONDS = 3.0

log = structlog.get_logger(__name__)


class KeysUnavailable(Exception):  # noqa: N818 - a state of the world, not a mistake
    """The key set could never be read so far, so no token can be judged."""


class KeySet:
    """Keys by id, read again when they are old or an unknown id turns up.

    Read at most every 30 s, by one thread while the others go on with the keys they have: tokens
    with invented ids or an issuer that is away must not occupy the server. The last set that
    could be read stays valid until there is a new one.
    """

    def __init__(
        self,
        read: Callable[[], Mapping[str, Any]],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._keys: list[PyJWK] = []
        self._tried_at: float | None = None

    def find(self, key_id: str | None) -> PyJWK | None:
        """Return the key with this id, the only one there is without an id, or None.

        Raises KeysUnavailable when no set could be read so far.
        """
        key = self._known(key_id)
        if self._due(FRESH_SECONDS if key else RETRY_SECONDS):
            self._refresh()
            key = self._known(key_id)
        if not self._keys:
            raise KeysUnavailable
        return key

    def _known(self, key_id: str | None) -> PyJWK | None:
        if key_id is None:
            return self._keys[0] if len(self._keys) == 1 else None
        return next((key for key in self._keys if key.key_id == key_id), None)

    def _due(self, seconds: float) -> bool:
        return self._tried_at is None or self._monotonic() - self._tried_at >= seconds

    def _refresh(self) -> None:
        # the very first reader is waited for; later ones are not
        if not self._lock.acquire(blocking=not self._keys):
            return
        try:
            if self._due(RETRY_SECONDS):
                self._keys = signing_keys(self._read())
        except (OSError, ValueError, PyJWTError) as error:
            log.warning("jwks_unreadable", error=type(error).__name__)
        finally:
            self._tried_at = self._monotonic()
            self._lock.release()


def signing_keys(document: Mapping[str, Any]) -> list[PyJWK]:
    """Return the keys of a set that sign with one of `ALGORITHMS`.

    Raises ValueError, or PyJWT's own errors for a set that isn't one.
    """
    keys = PyJWKSet.from_dict(dict(document)).keys
    usable = [
        key
        for key in keys
        if key.algorithm_name in ALGORITHMS and key.public_key_use in ("sig", None)
    ]
    if not usable:
        raise ValueError("the set has no key for " + " or ".join(ALGORITHMS))
    return usable


def keys_in_file(path: Path) -> KeySet:
    """Use the key set in a file of JSON."""
    return KeySet(lambda: json.loads(path.read_text(encoding="utf-8")))


def keys_at_url(url: str) -> KeySet:
    """Use the key set at an http(s) address; redirects aren't followed."""
    client = PyJWKClient(url, cache_jwk_set=False, timeout=_FETCH_TIMEOUT_SECONDS)
    return KeySet(client.fetch_data)
