"""docs/migrations.md: the statements that an operator types, in the order of the guide."""

import pytest
from alembic.util import CommandError
from sqlalchemy import Engine, text

from migrations import commands
from models.connection import make_engine
from tests.documents.markdown import Block, block
from tests.migrations.databases import BESIDE_OLD_CODE, run, stands_at


def typed(engine: Engine, shown: Block) -> None:
    """Run what a block shows, each statement by itself, as psql does."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        for statement in filter(str.strip, shown.text.split(";")):
            db.execute(text(statement))


def test_an_existing_database_is_stamped_by_hand_and_then_migrated(legacy: Engine) -> None:
    run(legacy, "DROP TABLE alembic_version")
    with pytest.raises(CommandError):
        commands.upgrade(legacy, BESIDE_OLD_CODE)

    typed(legacy, block("docs/migrations.md", "CREATE TABLE IF NOT EXISTS alembic_version"))
    commands.upgrade(legacy, BESIDE_OLD_CODE)

    assert stands_at(legacy) >= ["0007"]


def test_the_new_code_gets_a_role_with_the_rights_of_the_old_one(
    legacy: Engine, superuser_url: str
) -> None:
    superuser = make_engine(superuser_url)
    with superuser.connect() as db:  # never committed: roles are the whole server's
        shown = block("docs/migrations.md", "CREATE ROLE thrive_booking").text
        db.execute(text(shown.replace("old_owner", "thrive")))
        db.execute(text("SET ROLE thrive_booking"))
        assert db.scalar(text("SELECT count(*) FROM booking")) == 3
    superuser.dispose()


def test_the_indexes_of_0007_are_built_by_hand_beforehand(bare: Engine) -> None:
    commands.upgrade(bare, "0006")
    typed(bare, block("docs/migrations.md", "SET statement_timeout"))
    commands.upgrade(bare, "0007")

    assert stands_at(bare) == ["0007"]
