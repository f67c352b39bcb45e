"""A directory that stands in for a Debian machine, on which the guide's blocks are run as written.

Absolute paths lead into the directory, ports are free ones. Stand-ins take the place of programs
that only an administrator may run: `sudo`, `apt-get`, `systemctl` and the like. `git clone` copies
the checkout, `make install` links its `.venv`; `tests/launch/test_venv_script.py` shows what
is behind that. All else is the machine's own, or the product's.
"""

import compileall
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from contextlib import suppress
from pathlib import Path

from app.settings import CHECKOUT
from tests.operations.private_servers import PASSWORD, postgres_programs
from tests.processes import free_port, until

OUTSIDE = re.compile(r"(?<![\w.$}])/(?=(?:opt|etc|run|usr/local|var/lib|var/backups|tmp)/)")
"""Where a path of the machine begins."""
COPIED = ("app", "tasks", "models", "migrations", "docs", "Procfile", "Makefile", ".ci")
KEPT_VARIABLES = "REPOSITORY PASSWORD SITE STUDENT TOKEN ASK API OFFICE"
"""What a reader's shell still knows in the next block."""

DIRECTORIES = [
    *("bin", "units", "run", "tmp", "usr/local/bin", "var/lib", "var/backups"),
    *("etc/systemd/system", "etc/cron.d", "etc/redis", "etc/prometheus"),
    *("etc/ssl/certs", "etc/ssl/private", "etc/nginx/sites-available", "etc/nginx/sites-enabled"),
    "opt/thrive-booking/releases",
]
STAND_INS = {
    "sudo": """
case "$1" in --preserve-env=*) shift ;; esac
if [ "$1" = -u ]; then shift 2; fi
exec "$@\"""",
    "apt-get": """
[ "$1 $2" = "install --yes" ]
shift 2
# without the lists, or without apt, nobody knows the names
ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 || exit 0
[ "$(apt-cache show --no-all-versions "$@" 2>/dev/null | grep -c '^Package: ')" -ge $# ]""",
    "adduser": '[ "$1 $2 $3 $5" = "--system --group --home thrive" ]\nmkdir -p "$4"',
    "postconf": '[ "$1" = -e ]',
    "git": """
if [ "$3 $4" = "remote get-url" ]; then echo the-repository; exit; fi
[ "$1" = clone ]
for directory; do :; done
mkdir -p "$directory"
exec cp -a {root}/checkout/. "$directory\"""",
    "make": '{make} -n "$@" >/dev/null\nexec ln -s {venv} "$2/.venv"',
    "systemctl": """
case "$*" in "restart nginx") exec {nginx} -c {root}/etc/nginx/nginx.conf ;; esac
export PYTHONPATH={checkout}
exec {python} -m tests.operations.unit_runner {root}/etc/systemd/system {root}/units "$@\"""",
    "nginx": '[ "$*" = -t ]\nexec {nginx} -t -c {root}/etc/nginx/nginx.conf',
}
NGINX = """
pid {root}/nginx.pid; error_log {root}/nginx-errors;
events {{ }}
http {{
    access_log {root}/nginx-requests;
    client_body_temp_path {root}/nginx-body; proxy_temp_path {root}/nginx-proxy;
    fastcgi_temp_path {root}/nginx-f; uwsgi_temp_path {root}/nginx-u; scgi_temp_path {root}/nginx-s;
    include {root}/etc/nginx/sites-enabled/*;
}}
"""


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


class Machine:
    """What the guide's reader sits at."""

    def __init__(self, root: Path, *, postgres: int, redis: int, mail: int) -> None:
        self.root = root
        self.web = free_port(), free_port()
        self._https = free_port()
        self._replaced = {
            "5432/thrive": f"{postgres}/thrive",
            "127.0.0.1:6379": f"127.0.0.1:{redis}",
            "SMTP_URL=smtp://127.0.0.1:25": f"SMTP_URL=smtp://127.0.0.1:{mail}",
            "VAR_DIR=": f"FLOWER_PORT={free_port()}\nVAR_DIR=",
            "8001": str(self.web[0]),
            "8002": str(self.web[1]),
            "443:127.0.0.1:443": f"443:127.0.0.1:{self._https}",
            "    listen [::]:443 ssl;\n": "",
            "    listen [::]:80;\n": "",
            "listen 443": f"listen 127.0.0.1:{self._https}",
            "listen 80": f"listen 127.0.0.1:{free_port()}",
            "install -m 640 -g thrive": "install -m 640",
            "install -d -o postgres": "install -d",
        }
        self._environment = os.environ | {
            "PATH": f"{root}/bin:{root}/usr/local/bin:{postgres_programs()}:{os.environ['PATH']}",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(postgres),
            "PGUSER": "postgres",
            "PGPASSWORD": PASSWORD,
            "THRIVE_RUNTIMEDIRECTORY": f"{root}/run",
            "THRIVE_STATEDIRECTORY": f"{root}/var/lib",
        }
        # a reader's Python keeps what it compiled
        for name in (
            "PYTHONDONTWRITEBYTECODE",
            "DATABASE_URL",
            "REDIS_URL",
            "VAR_DIR",
            "PORT",
            "HOST",
            "SMTP_URL",
        ):
            self._environment.pop(name, None)
        self._furnish()

    @property
    def has_nginx(self) -> bool:
        return _program("nginx") is not None

    def _furnish(self) -> None:
        for directory in DIRECTORIES:
            (self.root / directory).mkdir(parents=True)
        (self.root / "etc/nginx/nginx.conf").write_text(NGINX.format(root=self.root))
        self._copy_checkout()
        self._make_stand_ins()

    def _copy_checkout(self) -> None:
        """Prepare what `git clone` will bring: the guide's files with our paths and ports."""
        for name in COPIED:
            source, copy = CHECKOUT / name, self.root / "checkout" / name
            copy.parent.mkdir(exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
                compileall.compile_dir(copy, quiet=2)  # else each copy is compiled anew
            else:
                shutil.copy2(source, copy)
        # two of each, and Flower, are shown elsewhere, and take as long again to start
        procfile = self.root / "checkout" / "Procfile"
        lines = re.sub(r"--(workers|concurrency) 2", r"--\1 1", procfile.read_text())
        lines = lines.replace("${WORKER_CONCURRENCY:-2}", "1")
        procfile.write_text(re.sub(r"flower: .*", "flower: sleep infinity", lines))
        for file in (self.root / "checkout/docs/deploying").iterdir():
            file.write_text(self.here(file.read_text()))

    def _make_stand_ins(self) -> None:
        stand_ins = STAND_INS if self.has_nginx else STAND_INS | {"nginx": "true"}
        stand_ins |= {name: "true" for name in ("promtool", "amtool") if not _program(name)}
        filled = {
            "root": self.root,
            "checkout": CHECKOUT,
            "python": sys.executable,
            "venv": sys.prefix,
            "make": _program("make"),
            "nginx": _program("nginx") or "true",
        }
        for name, script in stand_ins.items():
            for word, value in filled.items():
                script = script.replace(f"{{{word}}}", str(value))  # noqa: PLW2901 - filled word by word
            program = self.root / "bin" / name
            program.write_text(f"#!/bin/sh\nset -e\n{script}\n")
            program.chmod(0o755)

    def here(self, text: str) -> str:
        """The same text with this machine's ports and paths."""
        for written, here in self._replaced.items():
            text = text.replace(written, here)
        if not self.has_nginx:
            text = text.replace("API=https://$SITE", f"API={self.url}")
        return OUTSIDE.sub(f"{self.root}/", text)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web[0]}"

    def is_ready(self) -> bool:
        """Whether both web processes could take bookings."""
        try:
            for port in self.web:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10).close()
        except OSError:
            return False
        return True

    def run(self, block: str) -> str:
        """Type a block; it has to succeed, and what it printed is returned."""
        variables = self.root / "variables"
        script = (
            f"[ ! -e {variables} ] || . {variables}\n"
            f"trap 'declare -p {KEPT_VARIABLES} >{variables} 2>/dev/null || true' EXIT\n"
            f"cd {self.root}\n{self.here(block)}"
        )
        ended = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", script],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert ended.returncode == 0, f"{block}\n{ended.stdout}\n{ended.stderr}{self.logs()}"
        return ended.stdout

    def type(self, block: tuple[str, str]) -> str:
        """Type a block of the guide: SQL into `thrive db shell`, which is psql on the database."""
        language, text = block
        if language == "sql":
            text = f"psql --no-psqlrc -v ON_ERROR_STOP=1 --dbname=thrive <<'END'\n{text}\nEND"
        return self.run(text)

    def logs(self) -> str:
        """The last lines of every unit, for whoever looks for a fault."""
        tails = []
        for log in sorted((self.root / "units").glob("*.log")):
            tails += [f"--- {log.stem}", *log.read_text(errors="replace").splitlines()[-5:]]
        return "\n".join(tails)

    def stop(self) -> None:
        """End everything that was started here."""
        units = [pid.stem for pid in (self.root / "units").glob("*.pid")]
        if units:
            self.run(f"sudo systemctl stop {' '.join(units)}")
        with suppress(FileNotFoundError, ValueError, ProcessLookupError):
            pid = int((self.root / "nginx.pid").read_text())
            os.kill(pid, signal.SIGTERM)
            until(lambda: not (self.root / "nginx.pid").exists(), 10, "nginx's end")
