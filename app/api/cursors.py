"""Cursors of lists: the place of a page's last row, as a word that means nothing to the client.

The place stands in the cursor itself, so that paging goes on from there even when that row has
moved or is gone. Its checksum tells a cursor from a guess and from another list's; it is no
secret, because a place in a list gives nobody a right.
"""

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import blake2s
from typing import Any, ClassVar

from marshmallow import fields

from app.api.fields import MAX_ID

Place = tuple[datetime | int, ...]

_CHECKSUM_BYTES = 6


class Cursor(fields.String):
    """The place of a row in the list `of`: instants and ids, as many as the list is sorted by."""

    of: ClassVar[str]
    parts: ClassVar[tuple[type[datetime] | type[int], ...]]

    default_error_messages = {  # noqa: RUF012 - the name and form are marshmallow's
        "place": "Is not a place in this list.",
    }

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:
        return None if value is None else self._print(value)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            place = self._read(text)
        except (ValueError, OverflowError) as error:
            raise self.make_error("place") from error
        # whatever decodes alike but is spelt in another way was never given out
        if self._print(place) != text:
            raise self.make_error("place")
        return place

    def _print(self, place: Place) -> str:
        kept = ",".join(
            part.astimezone(UTC).isoformat() if isinstance(part, datetime) else str(part)
            for part in place
        ).encode()
        return urlsafe_b64encode(self._checksum(kept) + kept).rstrip(b"=").decode()

    def _read(self, text: str) -> Place:
        """Return the place; raises ValueError or OverflowError where there is none."""
        padded = text + "=" * (-len(text) % 4)
        kept = b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)[_CHECKSUM_BYTES:]
        parts = zip(kept.decode("ascii").split(","), self.parts, strict=True)
        return tuple(_instant(part) if kind is datetime else _id(part) for part, kind in parts)

    def _checksum(self, kept: bytes) -> bytes:
        return blake2s(kept, digest_size=_CHECKSUM_BYTES, person=self.of.encode()).digest()


def _instant(part: str) -> datetime:
    moment = datetime.fromisoformat(part)
    if moment.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return moment.astimezone(UTC)


def _id(part: str) -> int:
    number = int(part)
    if not 1 <= number <= MAX_ID:
        raise ValueError("no id is like that")
    return number
