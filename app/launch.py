"""Starts the whole product and ends it again: `python -m app.launch`, which is `make run`."""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from types import FrameType

import structlog

from app.embedded import EmbeddedPostgres, EmbeddedServerError, EmbeddedValkey
from app.launching import child
from app.launching.announcement import announcement, say, wait_for_web
from app.launching.launch_error import LaunchError, StopRequested
from app.launching.leftovers import RUN, end_leftovers
from app.launching.ports import refuse_same_port, refuse_taken_port
from app.launching.procfile import RELEASE, read_procfile
from app.launching.release import run_release
from app.launching.reset import reset
from app.launching.run_lock import run_lock
from app.launching.supervision import METRICS, Supervisor
from app.private_files import write_private
from app.settings import CHECKOUT, InvalidSetting, Settings, load_settings

SECONDS_BETWEEN_LOOKS = 0.5
INTERRUPTED = 130

EmbeddedServer = EmbeddedPostgres | EmbeddedValkey

log = structlog.get_logger()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until Ctrl-C or SIGTERM, and return the exit code: 1 with one line on stderr, or 0."""
    parser = argparse.ArgumentParser(prog="app.launch", description=__doc__)
    parser.add_argument("--procfile", type=Path, default=CHECKOUT / "Procfile")
    parser.add_argument("--reset", action="store_true", help="only delete what is kept in var/")
    chosen = parser.parse_args(arguments)
    try:
        settings = load_settings(servers_required=False)
        if chosen.reset:
            with run_lock(settings.var, settings.local_url):
                reset(settings.var)
            say("The demo's data are deleted; the next `make run` makes new ones.")
        else:
            launch(settings, chosen.procfile.resolve())
    except (InvalidSetting, LaunchError, EmbeddedServerError) as error:
        sys.stderr.write(f"Thrive Booking: {error}\n")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED  # before the signals are handled there is nothing to end yet
    return 0


def launch(settings: Settings, procfile: Path) -> None:
    """Start everything, keep it running until a signal to stop, and end all of it in 10 seconds.

    Raises `LaunchError` or `EmbeddedServerError` when it can't be started.
    """
    commands = read_procfile(procfile)
    # once the signals' context is left, no second Ctrl-C can disturb what ends the processes
    with run_lock(settings.var, settings.local_url), ExitStack() as running, stop_on_signals():
        end_leftovers(settings.var)
        refuse_same_port(settings)
        refuse_taken_port("PORT", settings.host, settings.port)
        refuse_taken_port("FLOWER_PORT", settings.flower_address, settings.flower_port)
        servers = start_servers(settings, running)
        environment = process_environment(settings, procfile)
        if RELEASE in commands:
            command = commands.pop(RELEASE)
            run_release(command, directory=procfile.parent, environment=environment)
        supervisor = Supervisor(settings.var, commands, environment=environment)
        running.callback(supervisor.stop)
        running.callback(say, "Ending, at most 10 seconds ...")
        supervisor.start()
        look_after = partial(keep_alive, supervisor, servers)
        if "web" in commands:
            announce(settings, look_after)
        while True:
            look_after()
            time.sleep(SECONDS_BETWEEN_LOOKS)


@contextmanager
def stop_on_signals() -> Iterator[None]:
    """Turn the first signal to stop into an orderly way out, and ignore those that follow."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        _handle_stop_signals(signal.SIG_IGN)
        raise StopRequested

    _handle_stop_signals(stop)
    try:
        yield
    except StopRequested:
        pass
    finally:
        _handle_stop_signals(signal.SIG_IGN)


def _handle_stop_signals(
    handler: Callable[[int, FrameType | None], None] | signal.Handlers,
) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def start_servers(settings: Settings, running: ExitStack) -> list[EmbeddedServer]:
    """Start a server for each URL that isn't set, and write down where `flask ...` finds them."""
    servers: list[EmbeddedServer] = []
    addresses: dict[str, str | int] = {"pid": os.getpid()}
    if not settings.database_url:
        postgres = EmbeddedPostgres(settings.var / "postgres")
        servers.append(postgres)
        running.callback(postgres.stop)
        postgres.start()
        addresses["database_url"] = postgres.url
    if not settings.broker_url:
        valkey = EmbeddedValkey(settings.var / "valkey")
        servers.append(valkey)
        running.callback(valkey.stop)
        valkey.start()
        addresses["broker_url"] = valkey.broker_url
    written = settings.var / "servers.json"
    running.callback(written.unlink, missing_ok=True)
    write_private(written, json.dumps(addresses))
    return servers


def process_environment(settings: Settings, procfile: Path) -> dict[str, str]:
    """Return the environment of the Procfile's processes: ours, with every default filled in.

    The servers' passwords aren't in it; processes read them from `servers.json`.
    """
    programs = Path(sys.executable).parent
    return {
        **os.environ,
        RUN: str(settings.var),
        child.PROCFILE: str(procfile),
        child.PYTHON: sys.executable,
        child.CHECKOUT: str(CHECKOUT),
        "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",  # a log that lags behind misleads
        "VAR_DIR": str(settings.var),
        "PROMETHEUS_MULTIPROC_DIR": str(settings.var / METRICS),
        "HOST": settings.host,
        "PORT": str(settings.port),
        "FLOWER_ADDRESS": settings.flower_address,
        "FLOWER_PORT": str(settings.flower_port),
        **({"FLOWER_BASIC_AUTH": auth} if (auth := settings.flower_basic_auth) else {}),
    }


def keep_alive(supervisor: Supervisor, servers: Sequence[EmbeddedServer]) -> None:
    """Start again what has ended: supervisord does so for the processes, this for the rest."""
    for server in servers:
        if server.pid is None:
            log.warning("server_ended", server=type(server).__name__)
            try:
                server.start()
            except EmbeddedServerError as error:
                log.error("server_does_not_start", reason=str(error))  # noqa: TRY400 - it says why
    if not supervisor.is_running():
        log.warning("supervisor_ended")
        supervisor.start()


def announce(settings: Settings, look_after: Callable[[], None]) -> None:
    """Print the addresses once the site answers, or say where to look when it doesn't."""
    if wait_for_web(settings, look_after):
        say(announcement(settings))
    else:
        say(f"The site doesn't answer on {settings.local_url}; see {settings.var}/log/web.log")


if __name__ == "__main__":
    sys.exit(main())
