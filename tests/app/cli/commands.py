"""Ways to run `flask --app app …`: in this process, and as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import Result

from app import create_app
from app.settings import CHECKOUT, Settings

Flask = Callable[..., Result]
Ended = subprocess.CompletedProcess[str]


def commands_of(settings: Settings) -> Flask:
    """Commands of an application with these settings; `input` is what they are typed."""
    runner = create_app(settings).test_cli_runner()
    return lambda *arguments, **given: runner.invoke(args=[str(one) for one in arguments], **given)


def python(*arguments: object, environ: dict[str, str], **others: Any) -> Ended:
    """Run Python in the checkout, as a person does who sets `environ` and no server else."""
    return subprocess.run(
        [sys.executable, *(str(argument) for argument in arguments)],
        cwd=CHECKOUT,
        env=os.environ | {"DATABASE_URL": "", "REDIS_URL": ""} | environ,
        stdin=others.pop("stdin", subprocess.DEVNULL),
        stdout=others.pop("stdout", subprocess.PIPE),
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
        **others,
    )


def flask_process(*arguments: object, environ: dict[str, str], **others: Any) -> Ended:
    """Run a command as a process, its settings read as everybody's are."""
    return python("-m", "flask", "--app", "app", *arguments, environ=environ, **others)


def typed(commands: str, database_url: str, directory: Path) -> str:
    """What a document's commands print, typed in this directory by somebody with this database."""
    environ = {
        "DATABASE_URL": database_url,
        "REDIS_URL": "",
        "VAR_DIR": str(directory / "var"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(CHECKOUT),
    }
    ended = subprocess.run(
        ["bash", "-euc", commands],
        cwd=directory,
        env=os.environ | environ,
        text=True,
        timeout=60,
        capture_output=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout
