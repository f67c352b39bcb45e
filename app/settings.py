"""Every setting of the project, read and checked once at the start. Nothing else reads them."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import psutil

from app import setting_values as values
from app.invalid_setting import InvalidSetting
from app.private_files import keep_secret
from app.setting_source import CHECKOUT, SettingSource, read_dotenv
from app.var_directory import claim, unusable
from models.policy import Policy

__all__ = ["CHECKOUT", "InvalidSetting", "Settings", "load_settings"]

_WAKEUPS = ("coalesced", "each")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `load_settings` found; each value is checked and in the form its users take.

    Fields that may hold a password don't show in `repr`.
    """

    var: Path
    """The directory of everything that is kept: data of embedded servers, mail, keys, logs."""
    host: str
    port: int
    public_url: str
    """Where people reach the site, without a slash at the end."""
    proxies: int
    """How many proxies stand in front, each of which adds to X-Forwarded-For."""
    cors_origins: tuple[str, ...]
    sign_in_url: str | None
    """Where the school signs people in to the pages; its site may post their tokens here."""

    database_url: str = field(repr=False)
    """SQLAlchemy's form, `postgresql+psycopg://`."""
    broker_url: str = field(repr=False)
    """Celery's form; `redis_url` and `limits_url` are the same for other libraries."""

    smtp_url: str | None = field(repr=False)
    """None: messages go to `maildir`."""
    mail_from: str

    jwt_secret: str | None = field(repr=False)
    """The HS256 key; None where `jwt_jwks_file` or `jwt_jwks_url` is set instead."""
    jwt_jwks_file: Path | None
    jwt_jwks_url: str | None
    jwt_issuer: str | None
    jwt_audience: str | None

    change_window: timedelta
    cancel_window: timedelta
    waitlist_cutoff: timedelta
    reminder_lead: timedelta

    rate_limit: str
    """Submits of one user, in Flask-Limiter's notation."""
    max_queued_jobs: int
    default_wait: timedelta
    wakeups: str
    """`coalesced` or `each`."""
    webhook_allow_private: bool

    flower_address: str
    flower_port: int
    flower_basic_auth: str | None = field(repr=False)

    @property
    def policy(self) -> Policy:
        """The settings that the rules of booking depend on."""
        return Policy(
            self.change_window, self.cancel_window, self.waitlist_cutoff, self.reminder_lead
        )

    @property
    def https(self) -> bool:
        """Whether people reach the site over HTTPS."""
        return self.public_url.startswith("https://")

    @property
    def redis_url(self) -> str | None:
        """The broker as redis-py's `from_url` takes it; None for Sentinel and RabbitMQ."""
        if self.broker_url.startswith("redis+socket://"):
            url = "unix://" + self.broker_url.removeprefix("redis+socket://")
            return url.replace("virtual_host=", "db=")
        return self.broker_url if re.match(r"rediss?://", self.broker_url) else None

    @property
    def limits_url(self) -> str:
        """Where the rate limits are counted; in each process by itself without a plain Redis."""
        if self.redis_url is None:
            return "memory://"
        return re.sub(r"^unix://", "redis+unix://", self.redis_url)

    @property
    def local_url(self) -> str:
        """Where this machine itself reaches the site."""
        return _local_address(self.host, self.port)

    @property
    def flower_url(self) -> str:
        """Where this machine itself reaches Flower."""
        return _local_address(self.flower_address, self.flower_port)

    @property
    def maildir(self) -> Path:
        """Where messages go without an `smtp_url`."""
        return self.var / "mail"


def load_settings(
    environ: Mapping[str, str] | None = None, *, servers_required: bool = True
) -> Settings:
    """Read the environment and `.env`, or only `environ` where given, and check every value.

    Where `DATABASE_URL` or `REDIS_URL` is unset, the embedded server that `make run` started here
    is taken. Without one that is an error, unless `servers_required` is False: then the URL is ''.

    Raises `InvalidSetting`; its text is one line.
    """
    if environ is None:
        read_dotenv(CHECKOUT / ".env")
        environ = os.environ
    source = SettingSource(environ)
    var = (CHECKOUT / Path(source.text("VAR_DIR") or "var").expanduser()).resolve()
    web_host, web_port = source.host("HOST"), source.port("PORT", "8000")
    _check_jwt_choice(source)
    flower_address, flower_auth = (
        source.host("FLOWER_ADDRESS"),
        source.read("FLOWER_BASIC_AUTH", values.logins),
    )
    _check_flower(flower_address, flower_auth)
    database_url, broker_url = _server_urls(source, var, required=servers_required)
    return Settings(
        var=var,
        host=web_host,
        port=web_port,
        public_url=source.web_address("PUBLIC_URL") or _local_address(web_host, web_port),
        proxies=_proxies(source),
        cors_origins=source.read("CORS_ORIGINS", values.origins) or (),
        sign_in_url=source.web_address("SIGN_IN_URL"),
        database_url=database_url,
        broker_url=broker_url,
        smtp_url=source.read("SMTP_URL", values.smtp_url),
        mail_from=source.read("MAIL_FROM", values.mail_address)
        or "Thrive Booking <booking@localhost>",
        jwt_secret=_jwt_secret(source, var),
        jwt_jwks_file=_key_set_file(source),
        jwt_jwks_url=source.web_address("JWT_JWKS_URL"),
        jwt_issuer=source.text("JWT_ISSUER") or None,
        jwt_audience=source.text("JWT_AUDIENCE") or None,
        change_window=source.hours("CHANGE_WINDOW_HOURS", "24"),
        cancel_window=source.hours("CANCEL_WINDOW_HOURS", "24"),
        waitlist_cutoff=source.hours("WAITLIST_CUTOFF_HOURS", "2"),
        reminder_lead=source.hours("REMINDER_LEAD_HOURS", "24"),
        rate_limit=values.rate_limit("RATE_LIMIT", source.text("RATE_LIMIT") or "120 per minute"),
        max_queued_jobs=_max_queued_jobs(source),
        default_wait=_default_wait(source),
        wakeups=values.one_of("WAKEUPS", source.text("WAKEUPS") or "coalesced", _WAKEUPS),
        webhook_allow_private=source.read("WEBHOOK_ALLOW_PRIVATE", values.boolean) or False,
        flower_address=flower_address,
        flower_port=source.port("FLOWER_PORT", "5555"),
        flower_basic_auth=flower_auth,
    )


def _check_jwt_choice(source: SettingSource) -> None:
    names = [n for n in ("JWT_SECRET", "JWT_JWKS_FILE", "JWT_JWKS_URL") if source.text(n)]
    if len(names) > 1:
        fault = f"is set beside {names[0]}; tokens are checked one way, so unset one of them"
        raise InvalidSetting(names[1], fault)


def _check_flower(address: str, logins: str | None) -> None:
    if address not in values.LOOPBACK and not logins:
        fault = f"must be set, because FLOWER_ADDRESS={address} lets other machines reach Flower"
        raise InvalidSetting("FLOWER_BASIC_AUTH", fault, example="admin:a-long-password")


def _server_urls(source: SettingSource, var: Path, *, required: bool) -> tuple[str, str]:
    database_url = source.read("DATABASE_URL", values.database_url)
    broker_url = source.read("REDIS_URL", values.broker_url)
    embedded = running_servers(var) if database_url is None or broker_url is None else {}
    database_url = database_url or embedded.get("database_url", "")
    broker_url = broker_url or embedded.get("broker_url", "")
    missing = [n for n, u in (("DATABASE_URL", database_url), ("REDIS_URL", broker_url)) if not u]
    if required and missing:
        fault = "is not set and no embedded server is running here: start `make run` beside this"
        example = {"DATABASE_URL": "postgresql://user:password@host/thrive"}
        raise InvalidSetting(
            missing[0],
            f"{fault}, or set it",
            example=example.get(missing[0], "redis://host:6379/0"),
        )
    return database_url, broker_url


def running_servers(var: Path) -> dict[str, str]:
    """Return what `make run` wrote about its servers: `database_url`, `broker_url`.

    Only those that it started itself; nothing while it isn't running.
    """
    try:
        written = json.loads((var / "servers.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    except PermissionError as error:
        raise unusable(var, error) from None
    if not psutil.pid_exists(written["pid"]):
        return {}  # it was killed, and its servers ended with it
    return {name: url for name, url in written.items() if name != "pid"}


def _key_set_file(source: SettingSource) -> Path | None:
    name = "JWT_JWKS_FILE"
    file = source.existing_file(name)
    if file is not None:
        values.key_set(name, file)
    return file


def _jwt_secret(source: SettingSource, var: Path) -> str | None:
    if source.text("JWT_JWKS_FILE") or source.text("JWT_JWKS_URL"):
        return None
    if given := source.read("JWT_SECRET", values.signing_secret):
        return given
    kept = var / "jwt-secret"
    try:
        if not kept.exists():
            claim(var)
        return keep_secret(kept)
    except OSError as error:
        raise unusable(var, error) from None


def _local_address(host: str, port: int) -> str:
    """Say how a browser on this machine reaches a server that listens there."""
    name = "localhost" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compares, doesn't bind
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def _proxies(source: SettingSource) -> int:
    name = "PROXIES"
    text = source.text(name) or "0"
    return values.whole_number(name, text, lowest=0, highest=10, example="1")


def _max_queued_jobs(source: SettingSource) -> int:
    name = "MAX_QUEUED_JOBS"
    text = source.text(name) or "20000"
    return values.whole_number(name, text, lowest=1, highest=10_000_000, example="20000")


def _default_wait(source: SettingSource) -> timedelta:
    name = "DEFAULT_WAIT_SECONDS"
    return values.seconds(name, source.text(name) or "0", highest=30, example="10")
