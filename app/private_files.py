"""Files that only their owner may read: passwords, keys, addresses with passwords in them."""

import os
import secrets
import tempfile
from pathlib import Path


def keep_secret(path: Path) -> str:
    """Return the secret kept at `path`; make one of 64 hexadecimal digits when there is none.

    Several processes that ask for the same new secret at once all get the same one.
    """
    if not path.exists():
        draft = _write_draft(path, secrets.token_hex(32))
        try:
            path.hardlink_to(draft)  # unlike a rename, never replaces what another process kept
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="utf-8").strip()


def write_private(path: Path, text: str) -> None:
    """Replace the file at `path` as a whole by `text`, with mode 0600."""
    _write_draft(path, text).replace(path)


def _write_draft(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 0600
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
