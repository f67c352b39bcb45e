"""Stands in for systemd where none runs: starts and stops units as their files say.

    python -m tests.operations.unit_runner UNITS STATE systemctl's own words …

UNITS is the directory of the unit files, STATE one for pids and logs. It knows what the guide's
units use: `%i`, User, WorkingDirectory, Environment, EnvironmentFile, RuntimeDirectory,
StateDirectory and an ExecStart in systemd's quoting. Nothing is started again when it ends.
"""

import os
import pwd
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

import psutil

COMMANDS = ("start", "stop", "restart", "enable", "daemon-reload")
SECONDS_TO_END = 15


class Unit:
    """One instance of a template, such as `thrive-booking@worker`."""

    def __init__(self, units: Path, state: Path, name: str) -> None:
        prefix, _, self.instance = name.removesuffix(".service").partition("@")
        self.name = name
        self._state = state
        self._options: dict[str, list[str]] = defaultdict(list)
        for line in (units / f"{prefix}@.service").read_text().splitlines():
            key, is_option, value = line.partition("=")
            if is_option and not line.startswith("#"):
                self._options[key].append(value.replace("%i", self.instance))

    @property
    def _pid_file(self) -> Path:
        return self._state / f"{self.name}.pid"

    def is_active(self) -> bool:
        """Whether the process that was started still runs."""
        with suppress(FileNotFoundError, psutil.NoSuchProcess):
            return self._process().status() != psutil.STATUS_ZOMBIE
        return False

    def start(self) -> None:
        """Start it as systemd would, its output in a file named after it."""
        account = self._account()
        for kept, base in (("RuntimeDirectory", "/run"), ("StateDirectory", "/var/lib")):
            for directory in self._options[kept]:
                self._make(Path(os.environ.get(f"THRIVE_{kept.upper()}", base), directory), account)
        with (self._state / f"{self.name}.log").open("ab") as log:
            process = subprocess.Popen(
                self.command(),
                cwd=self._options["WorkingDirectory"][0],
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **({"user": account.pw_uid, "group": account.pw_gid} if account else {}),
            )
        self._pid_file.write_text(str(process.pid))

    def _account(self) -> "pwd.struct_passwd | None":
        """The unit's user, where we may become that and it exists."""
        with suppress(KeyError):
            return pwd.getpwnam(self._options["User"][0]) if os.geteuid() == 0 else None
        return None

    @staticmethod
    def _make(directory: Path, account: "pwd.struct_passwd | None") -> None:
        directory.mkdir(parents=True, exist_ok=True)
        if account:
            shutil.chown(directory, account.pw_uid, account.pw_gid)

    def command(self) -> list[str]:
        """The words of ExecStart."""
        return self.words("ExecStart")

    def words(self, option: str) -> list[str]:
        """The words of an option that is a command."""
        [command] = self._options[option]
        return shlex.split(command.replace("$$", "$"))

    def environment(self, *, files: bool = True) -> dict[str, str]:
        """What systemd gives a service: little, and then what the unit and its `files` say."""
        lines = list(self._options["Environment"])
        for file in self._options["EnvironmentFile"] if files else ():
            lines += [line for line in Path(file).read_text().splitlines() if "=" in line]
        set_by_unit = (shlex.split(line)[0].partition("=") for line in lines)
        return {"LANG": "C.UTF-8"} | {name: value for name, _, value in set_by_unit}

    def ask_to_end(self) -> None:
        """Tell the process itself, and nobody below it (KillMode=mixed)."""
        if self.is_active():
            self._process().send_signal(signal.SIGTERM)

    def end(self) -> None:
        """Wait for the end of what was asked, then kill whatever is left of it."""
        if not self.is_active():
            return
        process = self._process()
        known = [process, *process.children(recursive=True)]
        deadline = time.monotonic() + SECONDS_TO_END
        while self.is_active() and time.monotonic() < deadline:
            time.sleep(0.05)
        for left in known:
            with suppress(psutil.NoSuchProcess):
                left.kill()
        self._pid_file.unlink()
        for directory in self._options["RuntimeDirectory"]:
            base = os.environ.get("THRIVE_RUNTIMEDIRECTORY", "/run")
            shutil.rmtree(Path(base, directory), ignore_errors=True)

    def _process(self) -> psutil.Process:
        return psutil.Process(int(self._pid_file.read_text()))


def main(units: Path, state: Path, words: list[str]) -> int:
    """Do what `systemctl` is asked; returns its exit code."""
    command, *names = [word for word in words if not word.startswith("--")]
    assert command in COMMANDS, command
    # a name without an instance is one of Debian's own services
    chosen = [Unit(units, state, name) for name in names if "@" in name]
    if command in ("stop", "restart"):
        for unit in chosen:
            unit.ask_to_end()
        for unit in chosen:
            unit.end()
    if command in ("start", "restart", "enable"):
        for unit in chosen:
            if not unit.is_active():
                unit.start()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
