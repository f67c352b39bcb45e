from pathlib import Path

import pytest

from app.launching.launch_error import LaunchError
from app.launching.procfile import read_procfile
from app.launching.supervision import supervisor_configuration
from app.settings import CHECKOUT


def test_commands_come_in_the_files_order(tmp_path: Path) -> None:
    procfile = tmp_path / "Procfile"
    procfile.write_text("# first\n\nb: one: two  \na-1:  sleep 1 # kept\n")

    assert list(read_procfile(procfile).items()) == [("b", "one: two"), ("a-1", "sleep 1 # kept")]


@pytest.mark.parametrize(
    ("text", "line"), [("web\n", 1), ("web: x\nweb: y\n", 2), ("a b: c\n", 1), ("web:\n", 1)]
)
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, text: str, line: int) -> None:
    procfile = tmp_path / "Procfile"
    procfile.write_text(text)

    with pytest.raises(LaunchError, match=f"Procfile, line {line}: "):
        read_procfile(procfile)


def test_a_missing_procfile_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match="Procfile can't be read: No such file"):
        read_procfile(tmp_path / "Procfile")


def test_the_projects_procfile_has_every_process_and_no_paths_of_a_machine() -> None:
    commands = read_procfile(CHECKOUT / "Procfile")

    assert list(commands) == [
        *("release", "web", "worker", "courier", "webhooks", "sweep", "beat", "flower")
    ]
    assert not any(command.startswith("/") for command in commands.values())


def test_all_processes_stop_at_once() -> None:
    configuration = supervisor_configuration(["web", "worker"])

    assert "programs = web,worker" in configuration
    assert configuration.count("[program:") == 2
