"""Making a new PostgreSQL data directory."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from app.embedded.attention import AT_ONCE, Tick, wait_attentively
from app.embedded.parent_death import end_with_parent
from app.embedded.postgres_home import PostgresHome
from app.embedded.postgres_roles import SUPERUSER
from app.embedded.server_process import EmbeddedServerError


def make_data(home: PostgresHome, password: str, *, durable: bool, tick: Tick) -> None:
    """Run initdb beside the final place, so that the data are either whole or not there.

    UTF-8, sorted by code point and the same on every machine; nobody gets in without a password.
    Raises `EmbeddedServerError`, and what `tick` raises.
    """
    draft = home.data.with_name("data-draft")
    shutil.rmtree(draft, ignore_errors=True)
    password_file = home.data.with_name("first-password")
    try:
        _write_for_the_server(home, password_file, password)
        _run_initdb(home, draft, password_file, durable=durable, tick=tick)
    finally:
        password_file.unlink(missing_ok=True)
    draft.rename(home.data)


def _write_for_the_server(home: PostgresHome, password_file: Path, password: str) -> None:
    password_file.unlink(missing_ok=True)
    password_file.touch(mode=0o600, exist_ok=False)
    password_file.write_text(password, encoding="utf-8")
    if home.account:
        shutil.chown(password_file, home.account.uid, home.account.gid)


def _run_initdb(
    home: PostgresHome, draft: Path, password_file: Path, *, durable: bool, tick: Tick
) -> None:
    draft.mkdir(mode=0o700)
    if home.account:
        shutil.chown(draft, home.account.uid, home.account.gid)
    initdb = subprocess.Popen(  # noqa: S603 - our own program and paths
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
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,  # the terminal's Ctrl-C is for us alone
        preexec_fn=end_with_parent(signal.SIGTERM),  # noqa: PLW1509 - only calls prctl
        **(home.account.as_popen_arguments() if home.account else {}),
    )
    faults = wait_attentively(initdb, tick, AT_ONCE)
    if initdb.returncode != 0:
        raise EmbeddedServerError(f"PostgreSQL can't make its data: {faults.strip()}")
