"""docs/personal-data.md: the commands, as they are typed."""

import json
from pathlib import Path

from app.settings import Settings
from tests.app.cli.commands import typed
from tests.documents.markdown import block
from tests.school import School


def test_somebodys_data_are_handed_out_then_erased_and_old_things_purged(
    school: School, settings: Settings, tmp_path: Path
) -> None:
    school.person(id=42, name="Ada", email="ada@students.example")

    shown = block("docs/personal-data.md", "flask --app app export-user 42").text
    typed(shown, settings.database_url, tmp_path)

    assert json.loads((tmp_path / "ada.json").read_text())["profile"]["name"] == "Ada"
    assert school.rows("SELECT name, email FROM user_account WHERE id = 42") == [
        ("Erased person 42", "erased-42@invalid")
    ]
