"""Upgrade, downgrade and ask where a database stands, on an engine of the caller's.

The revisions fork after 0003: the main line goes on, and the contract, which the old code can't
run beside, is a branch that waits until somebody asks for it. So a database may stand at two
revisions, and each revision works whether the other branch has been applied or not.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, inspect, text

from migrations.patience import set_patience
from migrations.role_settings import reset_role_settings, set_role_settings
from migrations.server_needs import refuse_unfit_server
from migrations.standing import current, stands_above
from migrations.waiting import (
    WITH_ALL_KINDS,
    refuse_while_a_job_needs_0005,
    refuse_while_something_waits,
)
from models.schema import metadata

EXPANDED = "0003"
"""The first revision with tables of the application's own; from it on its role has limits."""
CONTRACTED = "0004"
"""The revision that old code can't run beside any more."""

MAIN_LINE = "expand"
CONTRACT = "contract"
"""The labels of the branches."""

_STEPS_BACK = re.compile(r"(?:(\w+)@)?-(\d+)", re.ASCII)

UNSTAMPED = (
    "the tables are there, but no revision says in which shape; for the legacy shape run"
    " CREATE TABLE IF NOT EXISTS alembic_version (version_num varchar(32) PRIMARY KEY);"
    " INSERT INTO alembic_version VALUES ('0001'), and then this command again"
    " (docs/migrations.md)"
)


def upgrade(engine: Engine, revision: str = "heads") -> None:
    """Bring the database up to `revision`; raises what Alembic or the database raises.

    `heads`, or `head`, is everything there is, the contract last. `+1` is one step of the main
    line.

    Waits for another migration of this database to end, as `upgrade_for_release` and
    `downgrade` do. Raises `CommandError` when there are tables that no revision made, and for a
    server that `refuse_unfit_server` refuses.
    """
    with _one_at_a_time(engine):
        _upgrade(engine, revision)


def upgrade_for_release(engine: Engine) -> None:
    """Upgrade as far as a release may without asking.

    A new database, or one that is past the contract, gets everything. One that comes from the
    legacy shape gets the main line only: the old code may still run, and when it doesn't any more
    somebody says so with an upgrade of their own.
    """
    with _one_at_a_time(engine):
        with engine.connect() as connection:
            stands_at = current(connection)
        in_transition = bool(stands_at) and CONTRACTED not in stands_at
        _upgrade(engine, f"{MAIN_LINE}@head" if in_transition else "heads")


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database down to `revision`, as `revision_below` understands it.

    Raises `CommandError` when that is below 0005 or 0003 and something waits that only the
    revisions above know of; nothing is changed then.
    """
    with _one_at_a_time(engine):
        with engine.connect() as connection:
            stands_at = current(connection)
            target = revision_below(stands_at, revision)
            _refuse_to_break_promises(connection, stands_at, target)
        with engine.connect() as connection:
            command.downgrade(_config(connection), target)
        with engine.connect() as connection:
            expanded = _is_expanded(connection)
        if not expanded:
            reset_role_settings(engine)


def revision_below(stands_at: Sequence[str], revision: str) -> str:
    """What `revision` asks for as the target of a downgrade, in a way that Alembic can't mistake.

    `-1` takes back the contract where there are two branches to choose from, as it loses nothing;
    `contract@-1` and `expand@-1` say which. Raises `CommandError` for more steps than the branch
    has: Alembic would go on below the fork, and so take the other branch along.
    """
    steps_back = _STEPS_BACK.fullmatch(revision)
    # a database of one branch has one way down
    if steps_back is None or (steps_back[1] is None and len(stands_at) <= 1):
        return revision
    label, steps = steps_back[1] or CONTRACT, int(steps_back[2])
    applied = sum(label in script.branch_labels for script in _undone_by(stands_at, "base"))
    if steps > applied:
        raise CommandError(
            f"the branch {label} can go back {applied} here, not {steps};"
            " name the revision to go down to"
        )
    return f"{label}@-{steps}"


def _refuse_to_break_promises(db: Connection, stands_at: Sequence[str], target: str) -> None:
    # each revision refuses by itself too, but half-way down the application couldn't finish it
    if goes_below(stands_at, target, EXPANDED):
        refuse_while_something_waits(db)
    if goes_below(stands_at, target, WITH_ALL_KINDS):
        refuse_while_a_job_needs_0005(db)


def goes_below(stands_at: Sequence[str], target: str, revision: str) -> bool:
    """Whether a downgrade from `stands_at` to `target` undoes `revision`."""
    try:
        return any(script.revision == revision for script in _undone_by(stands_at, target))
    except CommandError:
        return False  # it leads nowhere, as the downgrade itself is about to say


def _undone_by(stands_at: Sequence[str], target: str) -> list[Script]:
    scripts = ScriptDirectory.from_config(_config(None))
    try:
        return list(scripts.iterate_revisions(tuple(stands_at), target, select_for_downgrade=True))
    except RevisionError as error:
        raise CommandError(str(error)) from error


def _upgrade(engine: Engine, revision: str) -> None:
    with engine.connect() as connection:
        refuse_unfit_server(connection)
        if not current(connection) and _has_tables(connection):
            raise CommandError(UNSTAMPED)
    for target in _targets_of_upgrade(revision):
        with engine.connect() as connection:
            command.upgrade(_config(connection), target)
    with engine.connect() as connection:
        expanded = _is_expanded(connection)
    if expanded:
        # below, the role is the old code's alone, which knows no such limits
        set_role_settings(engine)


def _targets_of_upgrade(revision: str) -> list[str]:
    """What Alembic is to go up to, one after the other."""
    if revision in {"head", "heads"}:
        # where the contract refuses, the application has all that it needs
        return [f"{MAIN_LINE}@head", "heads"]
    return [f"{MAIN_LINE}@{revision}" if revision.startswith("+") else revision]


def _has_tables(connection: Connection) -> bool:
    return not metadata.tables.keys().isdisjoint(inspect(connection).get_table_names())


@contextmanager
def _one_at_a_time(engine: Engine) -> Iterator[None]:
    """Let one migration of this database run at a time; the next one waits here for its turn.

    The lock is held by a transaction on a connection of its own: one that belongs to a session
    would be lost, or never given back, behind PgBouncer.
    """
    with engine.begin() as db:
        set_patience(db, lock_timeout="0")
        db.execute(text("SELECT pg_advisory_xact_lock(hashtext('thrive migration'))"))
        yield


def check(engine: Engine) -> None:
    """Compare the tables with the models; raises when a migration is missing."""
    with engine.connect() as connection:
        command.check(_config(connection))


def newest() -> list[str]:
    """The newest revision of each branch."""
    return sorted(ScriptDirectory.from_config(_config(None)).get_heads())


def _is_expanded(connection: Connection) -> bool:
    return stands_above(connection, EXPANDED)


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
