"""One run of the whole product, from its start to its end."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from app.launching.announcement import announcement, wait_for_web
from app.launching.environment import process_environment
from app.launching.launch_error import StopRequested
from app.launching.leftovers import end_leftovers
from app.launching.ports import refuse_taken_ports
from app.launching.procfile import RELEASE, read_procfile
from app.launching.release import run_release
from app.launching.run_lock import run_lock
from app.launching.saying import say
from app.launching.servers import Servers
from app.launching.stopping import StopSignals
from app.launching.supervision import Supervisor
from app.launching.venv_lock import venv_in_use
from app.settings import Settings

SECONDS_BETWEEN_LOOKS = 0.5


def launch(
    settings: Settings, procfile: Path, environ: Mapping[str, str], stop: StopSignals
) -> None:
    """Start everything, keep it running until somebody asks to stop, and end it in 10 seconds.

    Raises `LaunchError` or `EmbeddedServerError` when it can't be started.
    """
    commands = read_procfile(procfile)
    with run_lock(settings.var, settings.local_url), venv_in_use(), ExitStack() as running:
        try:
            end_leftovers(settings.var)
            refuse_taken_ports(settings)
            servers = _start_servers(settings, running, stop)
            environment = process_environment(settings, procfile, environ)
            if RELEASE in commands:
                say("Migrating ...")
                command = commands.pop(RELEASE)
                run_release(command, directory=procfile.parent, environment=environment, stop=stop)
            supervisor = Supervisor(settings.var, commands, environment=environment)
            _start_processes(supervisor, running, stop)
            _look_after(settings, servers, supervisor, stop, has_web="web" in commands)
        except StopRequested:
            say("Ending, at most 10 seconds ...")


def _start_servers(settings: Settings, running: ExitStack, stop: StopSignals) -> Servers:
    servers = Servers(settings)
    running.callback(lambda: servers.stop(by=stop.kill_at))
    if servers.names:
        say(f"Starting {' and '.join(servers.names)} ...")
    servers.start(stop.obey)
    return servers


def _start_processes(supervisor: Supervisor, running: ExitStack, stop: StopSignals) -> None:
    stop.obey()
    say("Starting the processes ...")
    running.callback(lambda: supervisor.stop(by=stop.kill_at))
    supervisor.start()


def _look_after(
    settings: Settings,
    servers: Servers,
    supervisor: Supervisor,
    stop: StopSignals,
    *,
    has_web: bool,
) -> None:
    """Start again what has ended, until somebody asks to stop, which raises `StopRequested`.

    supervisord does so for the processes, this for the rest. Meanwhile the addresses are printed
    once the site answers, or where to look when it doesn't.
    """

    def look() -> None:
        stop.obey()
        servers.keep_alive(stop.obey)
        supervisor.keep_alive()

    if has_web and wait_for_web(settings, look):
        say(announcement(settings))
    elif has_web:
        say(f"The site doesn't answer on {settings.local_url}; see {settings.var}/log/web.log")
    while True:
        look()
        stop.rest(SECONDS_BETWEEN_LOOKS)
