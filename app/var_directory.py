"""The directory of everything that is kept, and whose it is."""

import os
import pwd
from pathlib import Path

from app.invalid_setting import InvalidSetting
from app.setting_source import CHECKOUT

MARKER = ".thrive-booking"
"""The file that tells our directory from any other: only there may something be deleted."""
MARKING = "This directory is Thrive Booking's own: `make demo-reset` deletes what is in it.\n"


DEFAULT = CHECKOUT / "var"
"""Ours by its name, whatever was put there before us."""


def claim(var: Path) -> None:
    """Make the directory `var`, or see that it is ours already; an empty one becomes ours.

    Raises `InvalidSetting` for a directory with other things in it, which stays as it is.
    """
    try:
        var.mkdir(parents=True, exist_ok=True)
        is_free = var == DEFAULT or not any(var.iterdir())
        # looked for after that: whoever makes the directory at this moment marks it first
        if (var / MARKER).exists():
            return
        if not is_free:
            raise _occupied(var)
        (var / MARKER).write_text(MARKING, encoding="utf-8")
    except OSError as error:
        raise unusable(var, error) from None


def _occupied(var: Path) -> InvalidSetting:
    fault = f"names {var}, which has other things in it and no {MARKER}: name a new directory"
    return InvalidSetting("VAR_DIR", fault, example=str(var / "thrive-booking"))


def unusable(var: Path, error: OSError) -> InvalidSetting:
    """Say why nothing can be kept in `var`, or be read there."""
    if isinstance(error, PermissionError) and (owner := _other_owner(var)):
        return _belongs_to(owner, var)
    return InvalidSetting("VAR_DIR", f"names {var}, where nothing can be kept: {error.strerror}")


def refuse_another_users(var: Path) -> None:
    """Raise `InvalidSetting` when `var` is there and belongs to another user.

    root could use it all the same, and would leave files there that its owner can't.
    """
    if owner := _other_owner(var):
        raise _belongs_to(owner, var)


def _belongs_to(owner: str, var: Path) -> InvalidSetting:
    return InvalidSetting("VAR_DIR", f"names {var}, which belongs to {owner}; run it as that user")


def _other_owner(var: Path) -> str | None:
    """Return the name of the user who has `var`, if that is somebody else."""
    try:
        uid = var.stat().st_uid
    except OSError:
        return None
    if uid == os.geteuid():
        return None
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
