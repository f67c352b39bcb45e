import json
import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from app.settings import CHECKOUT, InvalidSetting, load_settings
from app.var_directory import claim

SERVERS = {"DATABASE_URL": "postgresql://u:pw@db/thrive", "REDIS_URL": "redis://broker:6379/0"}
SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {**SERVERS, "VAR_DIR": str(tmp_path / "var")}


def test_defaults_are_those_of_the_contract(environ: dict[str, str]) -> None:
    settings = load_settings(environ)

    assert (settings.host, settings.port, settings.flower_port) == ("127.0.0.1", 8000, 5555)
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.change_window == settings.cancel_window == timedelta(hours=24)
    assert settings.waitlist_cutoff == timedelta(hours=2)
    assert settings.reminder_lead == timedelta(hours=24)
    assert settings.rate_limit == "120 per minute"
    assert settings.max_queued_jobs == 20_000
    assert settings.default_wait == timedelta(0)
    assert settings.wakeups == "coalesced"
    assert settings.smtp_url is None
    assert settings.maildir == Path(environ["VAR_DIR"]) / "mail"
    assert settings.cors_origins == ()
    assert settings.proxies == 0
    assert settings.webhook_allow_private is False


def test_every_variable_is_read(environ: dict[str, str]) -> None:
    settings = load_settings(
        environ
        | {
            "HOST": "0.0.0.0",
            "PORT": "9000",
            "PUBLIC_URL": "https://booking.school.example/",
            "PROXIES": "1",
            "SMTP_URL": "smtps://u:p@mail.example:465",
            "MAIL_FROM": "Zoë <office@school.example>",
            "JWT_SECRET": SECRET,
            "JWT_ISSUER": "https://id.example",
            "JWT_AUDIENCE": "thrive",
            "CHANGE_WINDOW_HOURS": "0",
            "CANCEL_WINDOW_HOURS": "1.5",
            "WAITLIST_CUTOFF_HOURS": "3",
            "REMINDER_LEAD_HOURS": "48",
            "RATE_LIMIT": "10/second;100 per hour",
            "MAX_QUEUED_JOBS": "5",
            "DEFAULT_WAIT_SECONDS": "30",
            "WAKEUPS": "each",
            "FLOWER_ADDRESS": "0.0.0.0",
            "FLOWER_BASIC_AUTH": "admin:secret",
            "FLOWER_PORT": "5600",
            "CORS_ORIGINS": "https://a.example, http://localhost:3000",
            "WEBHOOK_ALLOW_PRIVATE": "Yes",
        }
    )

    assert (settings.host, settings.port) == ("0.0.0.0", 9000)
    assert settings.public_url == "https://booking.school.example"
    assert settings.proxies == 1
    assert settings.smtp_url == "smtps://u:p@mail.example:465"
    assert settings.mail_from == "Zoë <office@school.example>"
    assert settings.jwt_secret == SECRET
    assert (settings.jwt_issuer, settings.jwt_audience) == ("https://id.example", "thrive")
    assert settings.change_window == timedelta(0)
    assert settings.cancel_window == timedelta(minutes=90)
    assert settings.policy.reminder_lead == timedelta(hours=48)
    assert settings.rate_limit == "10/second;100 per hour"
    assert settings.max_queued_jobs == 5
    assert settings.default_wait == timedelta(seconds=30)
    assert settings.wakeups == "each"
    assert (settings.flower_address, settings.flower_port) == ("0.0.0.0", 5600)
    assert settings.flower_basic_auth == "admin:secret"
    assert settings.cors_origins == ("https://a.example", "http://localhost:3000")
    assert settings.webhook_allow_private is True
    assert settings.local_url == "http://localhost:9000"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "http", "whole number from 1 to 65535"),
        ("PORT", "0", "whole number from 1 to 65535"),
        ("PORT", "65536", "whole number"),
        ("PORT", "8" * 5000, "whole number"),
        ("FLOWER_PORT", "-1", "whole number"),
        ("HOST", "two words", "no host name"),
        ("PUBLIC_URL", "booking.example", "no http:// or https:// address"),
        ("PUBLIC_URL", "https://x.example/?a=1", "no ? or #"),
        ("SIGN_IN_URL", "school.example/login", "no http:// or https:// address"),
        ("DATABASE_URL", "mysql://u:hush@db/thrive", "no PostgreSQL URL"),
        ("DATABASE_URL", "sqlite:///thrive.db", "no PostgreSQL URL"),
        ("DATABASE_URL", "postgresql://u:hush@db", "names no database"),
        ("DATABASE_URL", "postgresql://u:hush@db:port/thrive", "no URL that can be read"),
        ("DATABASE_URL", "postgresql://u:hush@db/thr ive", "blanks"),
        ("DATABASE_URL", "postgresql://u:hush@db/thrive?foo=bar", "option foo, which PostgreSQL"),
        ("DATABASE_URL", "postgresql://u:p?hush=1@db/thrive", "no URL that can be read"),
        ("DATABASE_URL", "postgresql://u@/d?host=a:1&host=b&port=2", "no URL that can be read"),
        ("REDIS_URL", "http://:hush@broker", "no broker URL"),
        ("REDIS_URL", "redis://", "names no host"),
        ("REDIS_URL", "unix://relative.sock", "no absolute path"),
        ("REDIS_URL", "redis://:hush@broker/abc", "a database that is no number"),
        ("REDIS_URL", "redis://:hush@broker/1/2", "a database that is no number"),
        ("REDIS_URL", "sentinel://a:26379/0;sentinel://b/x?master_name=m", "that is no number"),
        ("REDIS_URL", "sentinel://a:26379/0", "?master_name="),
        ("REDIS_URL", "sentinel://a:26379/0?master_name=", "?master_name="),
        ("REDIS_URL", "sentinel://a/0?master_name=m;sentinel://b/0", "?master_name="),
        ("REDIS_URL", "unix:///run/v.sock?db=x", "a database that is no number"),
        ("SMTP_URL", "http://u:hush@mail.example", "no mail server's URL"),
        ("SMTP_URL", "smtp://u:hush@", "no mail server's URL"),
        ("MAIL_FROM", "nobody", "not one mail address"),
        ("MAIL_FROM", "a@b.example, c@d.example", "not one mail address"),
        ("MAIL_FROM", "a@b.example\r\nBcc: c@d.example", "control characters"),
        ("JWT_SECRET", "hush", "4 bytes and needs at least 32"),
        ("JWT_JWKS_FILE", "no/such/file.json", "no such file"),
        ("JWT_JWKS_FILE", "pyproject.toml", "no JSON Web Key Set for RS256 or ES256"),
        ("JWT_JWKS_URL", "ftp://keys.example", "no http:// or https://"),
        ("CHANGE_WINDOW_HOURS", "-1", "number of hours from 0"),
        ("CANCEL_WINDOW_HOURS", "nan", "number of hours"),
        ("WAITLIST_CUTOFF_HOURS", "inf", "number of hours"),
        ("REMINDER_LEAD_HOURS", "a day", "number of hours"),
        ("RATE_LIMIT", "often", "notation of Flask-Limiter"),
        ("RATE_LIMIT", "0/minute", "allows no request"),
        ("RATE_LIMIT", "5/second;0/day", "allows no request"),
        ("PROXIES", "yes", "whole number from 0"),
        ("MAX_QUEUED_JOBS", "0", "whole number from 1"),
        ("MAX_QUEUED_JOBS", "1.5", "whole number from 1"),
        ("DEFAULT_WAIT_SECONDS", "31", "from 0 to 30"),
        ("WAKEUPS", "sometimes", "none of coalesced, each"),
        ("FLOWER_BASIC_AUTH", "hush", "user:password"),
        ("FLOWER_ADDRESS", "0.0.0.0", "lets other machines reach Flower"),
        ("CORS_ORIGINS", "https://a.example/path", "has a path"),
        ("CORS_ORIGINS", "*", "no http:// or https://"),
        ("WEBHOOK_ALLOW_PRIVATE", "maybe", "neither true nor false"),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_variable_and_no_password(
    environ: dict[str, str], name: str, value: str, words: str
) -> None:
    with pytest.raises(InvalidSetting) as caught:
        load_settings(environ | {name: value})

    line = str(caught.value)
    assert words in line
    assert name in line
    assert "\n" not in line
    assert "hush" not in line


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_database_url_takes_the_form_of_sqlalchemy_and_psycopg(
    environ: dict[str, str], scheme: str
) -> None:
    settings = load_settings(environ | {"DATABASE_URL": f"{scheme}://u:p@h:5432/d?sslmode=require"})

    assert settings.database_url == "postgresql+psycopg://u:p@h:5432/d?sslmode=require"


@pytest.mark.parametrize(
    ("given", "for_celery", "for_redis_py", "for_limits"),
    [
        ("redis://h/1", "redis://h/1", "redis://h/1", "redis://h/1"),
        ("rediss://:p@h:6380/0", "rediss://:p@h:6380/0", "rediss://:p@h:6380/0", None),
        (
            "unix:///run/v.sock?db=2",
            "redis+socket:///run/v.sock?virtual_host=2",
            "unix:///run/v.sock?db=2",
            "redis+unix:///run/v.sock?db=2",
        ),
        ("redis+socket:///v.sock", "redis+socket:///v.sock", "unix:///v.sock", None),
        ("sentinel://a:26379/0;sentinel://b/0?master_name=m", None, "", "memory://"),
        ("amqp://u:p@h:5672/vhost", None, "", "memory://"),
    ],
)
def test_each_library_gets_the_broker_url_in_its_form(
    environ: dict[str, str],
    given: str,
    for_celery: str | None,
    for_redis_py: str,
    for_limits: str | None,
) -> None:
    settings = load_settings(environ | {"REDIS_URL": given})

    assert settings.broker_url == (for_celery or given)
    assert (settings.redis_url or "") == for_redis_py
    if for_limits:
        assert settings.limits_url == for_limits


def test_an_empty_variable_is_an_unset_one(environ: dict[str, str]) -> None:
    assert load_settings(environ | {"PORT": "", "SMTP_URL": " "}).port == 8000


def test_a_secret_is_made_once_and_kept_for_its_owner_alone(environ: dict[str, str]) -> None:
    first, second = load_settings(environ).jwt_secret, load_settings(environ).jwt_secret

    assert first is not None
    assert first == second
    assert len(first) >= 32
    kept = Path(environ["VAR_DIR"]) / "jwt-secret"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


RSA_KEY = {"kty": "RSA", "kid": "a", "alg": "RS256", "n": "0vx7agoebGcQSuuPiLJXZpt", "e": "AQAB"}


def test_with_published_keys_there_is_no_secret(environ: dict[str, str], tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"keys": [RSA_KEY]}))

    settings = load_settings(environ | {"JWT_JWKS_FILE": str(keys)})

    assert (settings.jwt_secret, settings.jwt_jwks_file) == (None, keys)
    assert not Path(environ["VAR_DIR"]).exists()


@pytest.mark.parametrize(
    "text",
    ["{}", "[]", "5", "\xff", '{"keys": [null]}', '{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}'],
)
def test_a_file_without_a_usable_key_is_refused(
    environ: dict[str, str], tmp_path: Path, text: str
) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(text, encoding="latin-1")
    with pytest.raises(InvalidSetting, match=r"keys\.json, which is no JSON Web Key Set"):
        load_settings(environ | {"JWT_JWKS_FILE": str(keys)})


def test_a_secret_is_not_put_into_a_directory_of_other_things(
    environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").write_text("")
    with pytest.raises(InvalidSetting, match=r"VAR_DIR names .* has other things in it"):
        load_settings(environ | {"VAR_DIR": str(tmp_path)})
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("other", [{"JWT_SECRET": SECRET}, {"JWT_JWKS_FILE": "pyproject.toml"}])
def test_tokens_are_checked_in_one_way(environ: dict[str, str], other: dict[str, str]) -> None:
    with pytest.raises(InvalidSetting, match="JWT_JWKS_URL is set beside"):
        load_settings(environ | {"JWT_JWKS_URL": "https://id.example/keys"} | other)


def test_without_servers_the_line_says_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match=r"DATABASE_URL is not set.*make run"):
        load_settings({"VAR_DIR": str(tmp_path)})
    with pytest.raises(InvalidSetting, match=r"REDIS_URL is not set.*make run"):
        load_settings({"VAR_DIR": str(tmp_path), "DATABASE_URL": SERVERS["DATABASE_URL"]})

    settings = load_settings({"VAR_DIR": str(tmp_path)}, servers_required=False)
    assert (settings.database_url, settings.broker_url) == ("", "")


def test_servers_of_a_running_launcher_are_found(tmp_path: Path) -> None:
    servers = {"database_url": "postgresql+psycopg:///x", "broker_url": "redis+socket:///x"}
    claim(tmp_path)
    (tmp_path / "servers.json").write_text(json.dumps(servers | {"pid": os.getpid()}))

    settings = load_settings({"VAR_DIR": str(tmp_path)})
    assert settings.database_url == servers["database_url"]
    assert settings.redis_url == "unix:///x"

    settings = load_settings({"VAR_DIR": str(tmp_path), "REDIS_URL": SERVERS["REDIS_URL"]})
    assert settings.broker_url == SERVERS["REDIS_URL"]


def test_servers_of_a_launcher_that_was_killed_are_not_taken(tmp_path: Path) -> None:
    never_a_process = 2**22 + 1
    claim(tmp_path)
    (tmp_path / "servers.json").write_text(
        json.dumps({"database_url": "x", "pid": never_a_process})
    )

    with pytest.raises(InvalidSetting, match="DATABASE_URL is not set"):
        load_settings({"VAR_DIR": str(tmp_path)})


def test_passwords_do_not_show(environ: dict[str, str]) -> None:
    shown = repr(load_settings(environ | {"JWT_SECRET": SECRET, "FLOWER_BASIC_AUTH": "a:hush"}))

    assert SECRET not in shown
    assert "hush" not in shown
    assert "pw" not in shown


def test_a_relative_var_directory_is_the_checkouts(environ: dict[str, str]) -> None:
    keys = {"JWT_JWKS_URL": "https://id.example/keys"}  # so that nothing is written there

    assert load_settings(environ | keys | {"VAR_DIR": ""}).var == CHECKOUT / "var"
    assert load_settings(environ | keys | {"VAR_DIR": "x/y"}).var == CHECKOUT / "x" / "y"


def test_a_dotenv_file_sets_what_the_environment_doesnt_for_children_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.settings.CHECKOUT", tmp_path)
    monkeypatch.setenv("HOST", "127.0.0.2")
    monkeypatch.setenv("PORT", "1")  # so that it is put back at the end
    monkeypatch.delenv("PORT")
    (tmp_path / ".env").write_text("PORT=8021\nHOST=127.0.0.3\n")
    settings = load_settings(servers_required=False)
    assert (settings.port, settings.host) == (8021, "127.0.0.2")
    assert os.environ["PORT"] == "8021"


def test_a_dotenv_file_that_cant_be_read_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.settings.CHECKOUT", tmp_path)
    (tmp_path / ".env").write_bytes(b"PORT=\xff\n")
    with pytest.raises(InvalidSetting, match=r"\.env can't be read: UnicodeDecodeError"):
        load_settings(servers_required=False)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("PORT 8000\n", 1),
        ("# ports\n\nPORT=8000\n\n\nFLOWER_PORT: hush\n", 6),
        ("PORT\n", 1),
        ("export PORT\n", 1),
        ('PORT="80', 1),
        ("=hush\n", 1),
        ("HOST='a\0b'\n", 1),
    ],
)
def test_a_line_of_a_dotenv_file_that_sets_nothing_is_told_by_its_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, line: int
) -> None:
    monkeypatch.setattr("app.settings.CHECKOUT", tmp_path)
    (tmp_path / ".env").write_text(text)
    with pytest.raises(InvalidSetting) as caught:
        load_settings(servers_required=False)
    assert str(caught.value) == f"{tmp_path}/.env, line {line}, is not of the form NAME=value"
