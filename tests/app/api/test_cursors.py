"""Cursors of lists."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta, timezone
from hashlib import blake2s

import pytest
from marshmallow import ValidationError

from app.api.cursors import Cursor


class Mixed(Cursor):
    of = "mixed"
    parts = (datetime, int)


class Other(Mixed):
    of = "other"


NOON = datetime(2026, 3, 1, 12, 0, 0, 123_456, UTC)


def printed(field: Cursor, place: object) -> str:
    text = field.serialize("next", {"next": place})
    assert isinstance(text, str)
    return text


def forged(kept: str) -> str:
    """A cursor whose checksum is right, whatever it says."""
    check = blake2s(kept.encode(), digest_size=6, person=b"mixed").digest()
    return urlsafe_b64encode(check + kept.encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "place",
    [(NOON, 1), (NOON.replace(microsecond=0), 2**63 - 1), (datetime.min.replace(tzinfo=UTC), 7)],
)
def test_a_place_survives_to_the_microsecond(place: tuple[datetime, int]) -> None:
    assert Mixed().deserialize(printed(Mixed(), place)) == place


def test_a_place_is_the_same_in_every_zone() -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=5)))
    assert printed(Mixed(), (elsewhere, 1)) == printed(Mixed(), (NOON, 1))
    assert forged(f"{NOON.isoformat()},1") == printed(Mixed(), (NOON, 1))


def test_a_cursor_of_one_list_is_none_of_another() -> None:
    with pytest.raises(ValidationError, match="not a place"):
        Other().deserialize(printed(Mixed(), (NOON, 1)))


@pytest.mark.parametrize(
    "kept",
    [
        *("", ",", "1", f"{NOON.isoformat()}", f"{NOON.isoformat()},1,1", "x,1"),
        *(f"{NOON.isoformat()},{wrong}" for wrong in ("0", "-1", "01", "1_0", " 1", "x", "٣")),
        *(f"{NOON.isoformat()},{wrong}" for wrong in (str(2**63), "9" * 5000)),
        *("2026-03-01T12:00:00,1", "2026-03-01,1", "2026-03-01T12:00:00Z,1"),
        "0001-01-01T00:00:00+23:59,1",
    ],
)
def test_even_with_the_right_checksum_a_cursor_has_to_be_one_that_we_gave(kept: str) -> None:
    with pytest.raises(ValidationError, match="not a place"):
        Mixed().deserialize(forged(kept))
