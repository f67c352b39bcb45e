"""Short private directories for Unix sockets."""

import contextlib
import hashlib
import os
import stat
import tempfile
from pathlib import Path

from app.embedded.account import Account

LONGEST_SOCKET = 103
"""Bytes of a socket's path: Linux holds 107, macOS 103."""
NAME_BYTES = len("/.s.PGSQL.5432.lock")
ATTEMPTS = 10


def socket_directory(served: Path, account: Account | None = None) -> Path:
    """Make or find the socket directory of the server whose data are in `served`.

    Always the same for the same `served`, mode 0700 and owned by `account` (or by us), so nobody
    else can put a socket there. A name that somebody else took before us is left alone.

    Raises `PermissionError` when every name is taken.
    """
    uid = account.uid if account else os.geteuid()
    fingerprint = hashlib.sha256(f"{uid}:{served.resolve()}".encode("utf-8", "surrogateescape"))
    for attempt in range(ATTEMPTS):
        directory = _short_parent() / f"thrive-{fingerprint.hexdigest()[:12]}-{attempt}"
        try:
            directory.mkdir(mode=0o700)
            if account:
                os.chown(directory, account.uid, account.gid)
        except FileExistsError:
            pass
        if _is_private(directory, uid):
            return directory
    raise PermissionError(
        f"other users own all of {_short_parent()}/thrive-*: no place for sockets"
    )


def _short_parent() -> Path:
    parent = Path(tempfile.gettempdir()).resolve()
    longest = len(os.fsencode(parent)) + len("/thrive-0123456789ab-0") + NAME_BYTES
    return parent if longest <= LONGEST_SOCKET else Path("/tmp")  # noqa: S108 - 0700 inside


def _is_private(directory: Path, uid: int) -> bool:
    """Look at the directory itself: a symbolic link could lead anywhere."""
    found = directory.lstat()
    return (
        stat.S_ISDIR(found.st_mode) and found.st_uid == uid and stat.S_IMODE(found.st_mode) == 0o700
    )


def remove_socket_directory(directory: Path) -> None:
    """Remove what `socket_directory` made, with the sockets of a server that has ended."""
    with contextlib.suppress(FileNotFoundError):
        for socket in directory.iterdir():
            socket.unlink()
        directory.rmdir()
