"""What `make run` starts, for one document's commands after the other."""

import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

from app.embedded import EmbeddedPostgres
from app.settings import CHECKOUT
from tests.documents.markdown import Block
from tests.processes import free_port

NEXT = "~~~ next block ~~~"


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
        """Run commands of a document as a person would, with this demo's ports and directory."""
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
            timeout=150,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def read(self, url: str) -> str:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.read().decode()

    def run_each(self, blocks: tuple[Block, ...]) -> list[str]:
        """Run the blocks of a document in one shell, and return what each one printed."""
        said = self.run(f"\necho; echo '{NEXT}'\n".join(block.text for block in blocks))
        return re.split(rf"\n?{NEXT}\n", said)
