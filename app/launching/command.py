"""What `python -m app.launch` understands, and how it ends."""

import argparse
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.embedded import EmbeddedServerError
from app.embedded.parent_death import ask_for_signal
from app.launching.launch_error import LaunchError, StopRequested
from app.launching.reset import reset
from app.launching.run_lock import run_lock
from app.launching.running import launch
from app.launching.saying import complain, say
from app.launching.stopping import StopSignals
from app.settings import CHECKOUT, InvalidSetting, Settings, load_settings
from app.var_directory import claim, refuse_another_users


def run(arguments: Sequence[str] | None, environ: Mapping[str, str], stop: StopSignals) -> int:
    """Do what the arguments ask, and return the exit code: 1 with one line on stderr, or 0.

    `environ` is this process's environment itself, which reading `.env` adds to.
    """
    chosen = _read(arguments)
    try:
        _end_with(chosen.end_with_parent)
        settings = load_settings(servers_required=False)
        refuse_another_users(settings.var)
        claim(settings.var)
        if chosen.reset:
            _reset(settings)
        else:
            launch(settings, chosen.procfile.resolve(), environ, stop)
    except (InvalidSetting, LaunchError, EmbeddedServerError) as error:
        complain(str(error))
        return 1
    except OSError as error:
        complain(f"{error.filename or 'the start failed'}: {error.strerror or error}")
        return 1
    except StopRequested:
        pass
    return 0


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="app.launch", description="Run the whole product.")
    parser.add_argument("--procfile", type=Path, default=CHECKOUT / "Procfile")
    parser.add_argument("--reset", action="store_true", help="only delete what is kept in var/")
    parser.add_argument(
        "--end-with-parent",
        type=int,
        metavar="PID",
        help="end, as on SIGTERM, when the process that started this one is gone",
    )
    return parser.parse_args(arguments)


def _end_with(parent: int | None) -> None:
    """Be asked to end when `parent` is gone: a `make` that is killed can't pass that on."""
    if parent == os.getppid():
        ask_for_signal(signal.SIGTERM, parent=parent)


def _reset(settings: Settings) -> None:
    with run_lock(settings.var, settings.local_url):
        reset(settings.var)
    say("The demo's data are deleted; the next `make run` makes new ones.")
