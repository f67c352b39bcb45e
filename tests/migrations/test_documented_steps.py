"""docs/migrations.md: the statements that an operator types, in the order of the guide."""

from pathlib import Path

import pytest
from alembic.util import CommandError
from sqlalchemy import Engine, text

from migrations import commands
from models.connection import make_engine
from tests.app.cli.commands import typed as typed_in_shell
from tests.documents.markdown import Block, block
from tests.migrations.databases import BESIDE_OLD_CODE, run, stands_at
from tests.migrations.old_school import OldSchool


def typed(engine: Engine, shown: Block) -> None:
    """Run what a block shows, each statement by itself, as psql does; the tables are the role's."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        for statement in filter(str.strip, shown.text.split(";")):
            db.execute(text(statement.replace("old_owner", "CURRENT_USER")))


def test_an_existing_database_is_stamped_by_hand_and_then_migrated(legacy: Engine) -> None:
    run(legacy, "DROP TABLE alembic_version")
    with pytest.raises(CommandError):
        commands.upgrade(legacy, BESIDE_OLD_CODE)

    typed(legacy, block("docs/migrations.md", "CREATE TABLE IF NOT EXISTS alembic_version"))
    commands.upgrade(legacy, BESIDE_OLD_CODE)

    assert stands_at(legacy) >= ["0008"]


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


def test_old_steps_are_linked_unbooked_and_taken_back_as_the_guide_says(
    old_school: OldSchool, tmp_path: Path
) -> None:
    course = old_school.course(capacity=1)
    linked, left = old_school.old_student(course), old_school.old_student(course)
    url = old_school.engine.url.render_as_string(hide_password=False)

    backfill = block("docs/migrations.md", "flask --app app backfill-bookings --dry-run").text
    said = typed_in_shell(backfill, url, tmp_path)
    assert said.count("left: 1 (session_full 1)") == 2
    assert f"{left.progress},{left.package},{left.id}" in (tmp_path / "left.csv").read_text()
    assert linked.session is not None

    typed(old_school.engine, block("docs/migrations.md", "UPDATE student_course_step_progress"))
    assert old_school.progress_of(left.package, left.step)["status"] == "UNBOOKED"

    undo = block("docs/migrations.md", "flask --app app backfill-bookings --undo").text
    assert "undone: 1" in typed_in_shell(undo, url, tmp_path)
    assert linked.session is None
