import json
import signal
import socket
import stat
import subprocess
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import psutil
import psycopg
import pytest

from app.settings import load_settings
from tests.launch.places import (
    NO_SERVERS,
    Place,
    alive,
    children_called,
    environment_of,
    is_server,
    name_of,
    tree_of,
    words_of,
)
from tests.processes import until

pytestmark = pytest.mark.timeout(40)

WEB = "web: python web.py"


def test_everything_starts_says_so_and_ends_with_its_data_kept(place: Place) -> None:
    people = [{"email": "ada@school.example", "name": "Ada", "role": "STUDENT"}]
    place.write_procfile(
        "# a comment",
        f"release: echo '{json.dumps(people)}' > \"$VAR_DIR/demo.json\"",
        WEB,
        "sleeper: sleep 1000",
    )

    launcher, printed = place.launch_until_ready()

    port, flower_port = place.environment["PORT"], place.environment["FLOWER_PORT"]
    assert printed.startswith(
        "Starting PostgreSQL and Valkey ...\nMigrating ...\nStarting the processes ...\n"
    )
    assert f"http://127.0.0.1:{port}/api/docs" in printed
    assert f"http://127.0.0.1:{flower_port}/" in printed
    assert "ada@school.example" in printed
    servers = place.var / "servers.json"
    assert stat.S_IMODE(servers.stat().st_mode) == 0o600
    settings = load_settings({"VAR_DIR": str(place.var)})  # as `flask ...` beside it does
    with psycopg.connect(settings.database_url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE kept (i int)")
    password = (place.var / "postgres" / "thrive-password").read_text()
    for process in tree_of(launcher):
        if not is_server(process):
            assert password not in words_of(process)
            assert password not in " ".join(environment_of(process).values())

    second = place.launch()
    out, err = second.communicate(timeout=15)
    assert (second.returncode, out) == (1, "")
    assert err == (
        f"Thrive Booking: already running here: http://127.0.0.1:{port} (process {launcher.pid})\n"
    )

    processes = tree_of(launcher)
    assert len(processes) > 6
    launcher.send_signal(signal.SIGINT)
    assert launcher.wait(timeout=10) == 0
    assert alive(processes) == []
    assert not servers.exists()

    launcher, _ = place.launch_until_ready()
    settings = load_settings({"VAR_DIR": str(place.var)})
    with psycopg.connect(settings.database_url.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_after_a_kill_everything_ends_and_the_next_start_works_at_once(place: Place) -> None:
    place.write_procfile(WEB, "sleeper: sleep 1000", "deaf: env -i sleep 1001")
    killed, _ = place.launch_until_ready()
    until(lambda: children_called(killed, "sleep 1001"))
    processes = tree_of(killed)

    killed.kill()
    killed.wait()
    place.launch_until_ready()

    until(lambda: alive(processes) == [])


def test_whatever_is_killed_comes_back_without_its_orphans(place: Place) -> None:
    place.write_procfile(WEB, "parent: sh -c 'sleep 1000 & wait'")
    launcher, _ = place.launch_until_ready()

    def replaced(find: Callable[[], list[psutil.Process]]) -> None:
        until(find)
        before = {process.pid for process in find()}
        find()[0].kill()
        until(lambda: find() and not before & {p.pid for p in find()})

    replaced(lambda: children_called(launcher, "sleep 1000"))  # the parent, and so its child
    replaced(lambda: children_called(launcher, "valkey-server"))
    replaced(lambda: children_called(launcher, "supervisord"))
    replaced(lambda: _postmasters(launcher))

    settings = load_settings({"VAR_DIR": str(place.var)})
    until(lambda: _can_connect(settings.database_url))
    until(lambda: children_called(launcher, "sleep 1000"))
    # processes start and end while they are counted
    until(lambda: _marked(place) == _supervised(launcher))


def _postmasters(launcher: "subprocess.Popen[str]") -> list[psutil.Process]:
    return [p for p in psutil.Process(launcher.pid).children() if name_of(p) == "postgres"]


def _marked(place: Place) -> int:
    return len([p for p in psutil.process_iter() if _belongs_to(p, place.var)])


def _supervised(launcher: "subprocess.Popen[str]") -> int:
    """The launcher's processes but for the servers."""
    every = psutil.Process(launcher.pid).children(recursive=True)
    return len([process for process in every if not is_server(process)])


def _belongs_to(process: psutil.Process, var: Path) -> bool:
    with suppress(psutil.AccessDenied):
        return environment_of(process).get("THRIVE_RUN") == str(var)
    return False


def _can_connect(url: str) -> bool:
    try:
        psycopg.connect(url.replace("+psycopg", "")).close()
    except psycopg.OperationalError:
        return False
    return True


def test_a_process_that_cannot_live_is_tried_again_every_two_seconds(place: Place) -> None:
    place.write_procfile(WEB, "short: sh -c 'date +%s.%N >> starts'")
    place.launch_until_ready()

    starts = place.directory / "starts"
    until(lambda: starts.exists() and len(starts.read_text().splitlines()) >= 3)
    times = [float(line) for line in starts.read_text().splitlines()]
    assert all(later - earlier > 1.5 for earlier, later in pairwise(times))


@pytest.mark.parametrize("variable", ["PORT", "FLOWER_PORT"])
def test_a_taken_port_is_one_line_before_anything_is_started(place: Place, variable: str) -> None:
    place.write_procfile(WEB)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        out, err = place.launch(**{variable: str(port)}).communicate(timeout=15)

    assert out == ""
    assert err == (
        f"Thrive Booking: port {port} on 127.0.0.1 is taken: stop what listens there "
        f"or choose another, for example {variable}={port + 1}\n"
    )
    assert not (place.var / "postgres").exists()


def test_a_bad_setting_is_one_line(place: Place) -> None:
    place.write_procfile(WEB)
    launcher = place.launch(CHANGE_WINDOW_HOURS="soon")
    out, err = launcher.communicate(timeout=15)

    assert (launcher.returncode, out) == (1, "")
    assert err.startswith("Thrive Booking: CHANGE_WINDOW_HOURS is 'soon'")
    assert err.count("\n") == 1


def test_a_failed_release_stops_the_start(place: Place) -> None:
    place.write_procfile("release: sh -c 'echo reason; exit 3'", WEB)
    launcher = place.launch()
    out, err = launcher.communicate(timeout=15)

    assert launcher.returncode == 1
    assert out == "Starting PostgreSQL and Valkey ...\nMigrating ...\nreason\n"
    assert err == (
        "Thrive Booking: the Procfile's release line ended with exit code 3, see above\n"
    )
    assert not (place.var / "log" / "web.log").exists()


def test_servers_with_urls_are_not_started(place: Place) -> None:
    place.write_procfile("release: sh -c 'ls \"$VAR_DIR\"; exit 3'")
    out, _ = place.launch(**NO_SERVERS).communicate(timeout=15)

    assert out.split("\n") == ["Migrating ...", "jwt-secret", "lock", "servers.json", ""]


def test_a_reset_deletes_the_data_but_not_while_they_are_used(place: Place) -> None:
    place.write_procfile(WEB)
    launcher, _ = place.launch_until_ready()
    (place.var / "mine.txt").write_text("not made by us")

    _, err = place.launch("--reset").communicate(timeout=15)
    assert "already running here" in err

    launcher.send_signal(signal.SIGTERM)
    launcher.wait(timeout=10)
    reset = place.launch("--reset")
    _, err = reset.communicate(timeout=15)
    assert (reset.returncode, err) == (0, "")
    assert sorted(path.name for path in place.var.iterdir()) == [
        ".thrive-booking",
        "lock",
        "mine.txt",
    ]
