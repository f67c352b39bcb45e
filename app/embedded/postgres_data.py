"""Making a new PostgreSQL data directory."""

import os
import shutil
import subprocess
from pathlib import Path

from app.embedded.postgres_home import PostgresHome
from app.embedded.postgres_roles import SUPERUSER
from app.embedded.server_process import EmbeddedServerError


def make_data(home: PostgresHome, password: str, *, durable: bool) -> None:
    """Run initdb beside the final place, so that the data are either whole or not there.

    UTF-8, sorted by code point and the same on every machine; nobody gets in without a password.
    Raises `EmbeddedServerError`.
    """
    draft = home.data.with_name("data-draft")
    shutil.rmtree(draft, ignore_errors=True)
    password_file = home.data.with_name("first-password")
    try:
        _write_for_the_server(home, password_file, password)
        _run_initdb(home, draft, password_file, durable=durable)
    finally:
        password_file.unlink(missing_ok=True)
    draft.rename(home.data)


def _write_for_the_server(home: PostgresHome, password_file: Path, password: str) -> None:
    password_file.unlink(missing_ok=True)
    password_file.touch(mode=0o600, exist_ok=False)
    password_file.write_text(password, encoding="utf-8")
    if home.account:
        shutil.chown(password_file, home.account.uid, home.account.gid)


def _run_initdb(home: PostgresHome, draft: Path, password_file: Path, *, durable: bool) -> None:
    draft.mkdir(mode=0o700)
    if home.account:
        shutil.chown(draft, home.account.uid, home.account.gid)
    finished = subprocess.run(  # noqa: S603 - our own program and paths
        [
            home.programs / "initdb",
            *("--pgdata", "."),
            *("--username", SUPERUSER),
            *("--pwfile", password_file),
            *("--auth", "scram-sha-256"),
            *("--encoding", "UTF8"),
            *("--locale-provider", "builtin"),
            *("--builtin-locale", "C.UTF-8"),
            *("--locale", "C"),
            *([] if durable else ["--no-sync"]),
        ],
        cwd=draft,
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        **(home.account.as_popen_arguments() if home.account else {}),
    )
    if finished.returncode != 0:
        raise EmbeddedServerError(f"PostgreSQL can't make its data: {finished.stderr.strip()}")
