from pathlib import Path

import pytest

from app.launching import announcement
from app.settings import load_settings


def test_a_site_that_never_answers_is_not_waited_for_without_end(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nobody_listens = {"VAR_DIR": str(tmp_path), "PORT": "1"}
    settings = load_settings(nobody_listens, servers_required=False)
    monkeypatch.setattr(announcement, "READY_SECONDS", 0.3)
    looked_after: list[int] = []

    assert not announcement.wait_for_web(settings, lambda: looked_after.append(1))
    assert looked_after
