"""The command line: one file a command."""

from flask import Flask

from app.cli.backfill import backfill_command
from app.cli.catalog_import import import_catalog_command
from app.cli.check import check_command
from app.cli.database import db_group
from app.cli.erase_user import erase_user_command
from app.cli.export_user import export_user_command
from app.cli.purge import purge_command
from app.cli.release import release_command
from app.cli.sweep import sweep_command
from app.cli.timetable import convert_timetable_command
from app.cli.token import token_command


def register(app: Flask) -> None:
    """Add every command to `flask --app app`."""
    for command in (
        db_group,
        import_catalog_command,
        convert_timetable_command,
        token_command,
        check_command,
        backfill_command,
        sweep_command,
        export_user_command,
        erase_user_command,
        purge_command,
        release_command,
    ):
        app.cli.add_command(command)
