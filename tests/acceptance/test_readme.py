"""The README's own commands, run one after the other against the real thing."""

import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.embedded import EmbeddedPostgres
from app.settings import CHECKOUT
from tests.processes import free_port, until

README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
CLIENTS = (CHECKOUT / "docs/client.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.timeout(180)


class Demo:
    """What `make run` starts, in a var directory of its own."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.port, self.flower_port = free_port(), free_port()
        self.environ = os.environ | {
            "VAR_DIR": str(var),
            "PORT": str(self.port),
            "FLOWER_PORT": str(self.flower_port),
            "DATABASE_URL": "",
            "REDIS_URL": "",
        }
        self.output = var.parent / "launch.log"
        with self.output.open("wb") as output:
            self._launcher = subprocess.Popen(
                [sys.executable, "-m", "app.launch"],
                cwd=CHECKOUT,
                env=self.environ,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def is_ready(self) -> bool:
        assert self._launcher.poll() is None, self.said()
        return "is ready" in self.said()

    def stop(self) -> None:
        """End it, and leave nothing behind."""
        self._launcher.terminate()
        self._launcher.wait(15)
        EmbeddedPostgres(self.var / "postgres").remove()

    def run(self, commands: str) -> str:
        """Run commands of the README as a person would, with this demo's ports and directory."""
        for written, here in (
            ("127.0.0.1:8000", f"127.0.0.1:{self.port}"),
            ("127.0.0.1:5555", f"127.0.0.1:{self.flower_port}"),
            ("var/mail", f"{self.var}/mail"),
            (".venv/bin/", f"{Path(sys.executable).parent}/"),
        ):
            commands = commands.replace(written, here)
        ended = subprocess.run(
            ["bash", "-eu", "-c", commands],
            cwd=CHECKOUT,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def read(self, url: str) -> str:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.read().decode()


@pytest.fixture
def demo() -> Iterator[Demo]:
    with tempfile.TemporaryDirectory() as parent:
        Path(parent).chmod(0o711)  # root's PostgreSQL runs as somebody else, who has to pass
        running = Demo(Path(parent) / "var")
        try:
            until(running.is_ready, 60, "the start")
            yield running
        finally:
            running.stop()


def blocks(document: str, language: str = "sh") -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", document, re.DOTALL | re.MULTILINE)


def test_a_reader_of_the_readme_books_a_seat_and_finds_what_it_left_behind(demo: Demo) -> None:
    _addresses_and_logins_are_shown(demo)
    booking, behind, refusal, waiting, python = blocks(README)
    said = demo.run(f"{booking}\necho; echo JOB=$JOB; echo PACKAGES=$PACKAGES")

    assert "HTTP/1.1 202" in said
    assert '"status":"SUCCEEDED"' in said
    job = re.findall(r"JOB=(\S+)", said)[-1]
    assert f'"taskId":"{job}"' in said

    until(lambda: len(list((demo.var / "mail" / "new").glob("*"))) > 22, 30, "the mail")
    count = ".venv/bin/flask --app app db shell -Atc 'SELECT count(*) FROM event_log'"
    until(lambda: demo.run(count).strip() == "23", 30, "the event")
    found = demo.run(f"JOB={job}\n{behind}")
    assert job in found
    assert re.search(r"ok: \d+ sessions, 23 bookings", found)
    assert "To: Ada Lindqvist <ada@students.example>" in found
    assert "course.step.booked" in found

    flower = re.findall(r"http://127\.0\.0\.1:\d+/task/\S+", found)[-1]
    until(lambda: job in demo.read(flower), 20, "the task in Flower")

    [packages] = re.findall(r"PACKAGES=\S+", said)
    names = f"API={packages.removeprefix('PACKAGES=').removesuffix('/students/me/course-packages')}"
    said = demo.run(f"{names}\n{packages}\n{refusal}\necho; echo JO=$JO")
    refused, _, jo = said.strip().rpartition("\n")
    error = json.loads(refused)["error"]
    assert error["code"] == "session_full"
    assert error["message"]
    assert error["alternatives"]
    assert error["waitlistOpen"]

    said = demo.run(f"{names}\n{packages}\n{jo}\n{waiting}")
    *jobs, mails, _ = (json.loads(line) for line in said.splitlines() if line)
    joined, dry_run, raised = (job["result"] for job in jobs)
    assert [mail["kind"] for mail in mails["items"]] == ["MAIL"] * 2
    assert joined["waitlistEntry"]["position"] == 1
    assert [concerned["studentId"] for concerned in dry_run["affected"]] == [20]
    assert raised["session"]["capacityMax"] == 4
    look = waiting.strip().splitlines()[-1]
    seen = f"{packages}\n{jo}\n{look}"
    until(lambda: '"PROMOTED"' in demo.run(seen), 30, "the promotion")

    [token, *_] = booking.splitlines()
    assert "'courseStepId': 2, 'status': 'BOOKED'" in demo.run(f"{token}\n{python}")
    assert re.search(r"Conversation circle at \S+Z: booking 2\d\n", demo.run(python_example()))


def python_example() -> str:
    """The commands of the Python client's example, which a reader saves as book.py."""
    [program] = blocks(CLIENTS, "python")
    [commands] = blocks(CLIENTS)
    assert "python book.py" in commands
    return commands.replace("book.py", f"- <<'PYTHON'\n{program}PYTHON")


def _addresses_and_logins_are_shown(demo: Demo) -> None:
    said = demo.said()
    for shown in (
        f"http://127.0.0.1:{demo.port}/api/docs",
        f"http://127.0.0.1:{demo.flower_port}/",
        "ada@students.example",
        "sam@staff.example",
    ):
        assert shown in said
    assert '"status":"ready"' in demo.read(f"http://127.0.0.1:{demo.port}/readyz").replace(" ", "")
    assert "Thrive Booking" in demo.read(f"http://127.0.0.1:{demo.port}/api/docs")
