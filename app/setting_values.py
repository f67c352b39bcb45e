"""Reads each kind of value that a setting can have, or says in one line why it can't be used.

Every function takes the variable's name and its text, already known not to be empty, and raises
`InvalidSetting`.
"""

import json
import math
import re
from datetime import timedelta
from email.errors import HeaderParseError
from email.headerregistry import AddressHeader, HeaderRegistry
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, urlsplit

from limits import parse_many

from app.invalid_setting import InvalidSetting

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
LONGEST_HOURS = 24 * 366


def boolean(name: str, text: str) -> bool:
    """Read `true`/`false` or one of their usual spellings, in any case."""
    word = text.lower()
    if word in TRUE_WORDS | FALSE_WORDS:
        return word in TRUE_WORDS
    raise InvalidSetting(name, f"is {text!r}, which is neither true nor false", example="true")


def whole_number(name: str, text: str, *, lowest: int, highest: int, example: str) -> int:
    """Read a whole number from `lowest` to `highest`."""
    if re.fullmatch(r"[+-]?[0-9]{1,18}", text) and lowest <= int(text) <= highest:
        return int(text)
    fault = f"is {text!r}, which is not a whole number from {lowest} to {highest}"
    raise InvalidSetting(name, fault, example=example)


def port(name: str, text: str, *, example: str) -> int:
    """Read a TCP port."""
    return whole_number(name, text, lowest=1, highest=65535, example=example)


def hours(name: str, text: str, *, example: str) -> timedelta:
    """Read hours, fractions allowed, from 0 to a year."""
    return timedelta(hours=_number(name, text, "hours", highest=LONGEST_HOURS, example=example))


def seconds(name: str, text: str, *, highest: int, example: str) -> timedelta:
    """Read seconds, fractions allowed, from 0 to `highest`."""
    return timedelta(seconds=_number(name, text, "seconds", highest=highest, example=example))


def _number(name: str, text: str, unit: str, *, highest: int, example: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number <= highest:  # False for NaN too
        fault = f"is {text!r}, which is not a number of {unit} from 0 to {highest}"
        raise InvalidSetting(name, fault, example=example)
    return number


def one_of(name: str, text: str, choices: tuple[str, ...]) -> str:
    """Read one of a few words."""
    if text in choices:
        return text
    raise InvalidSetting(name, f"is {text!r}, which is none of {', '.join(choices)}")


def host(name: str, text: str) -> str:
    """Read a host name or an IP address to listen on."""
    if re.fullmatch(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}", text):
        return text
    fault = f"is {text!r}, which is no host name or IP address"
    raise InvalidSetting(name, fault, example="127.0.0.1")


def rate_limit(name: str, text: str) -> str:
    """Read one or more limits in Flask-Limiter's notation."""
    example = "120 per minute"
    try:
        limits = parse_many(text)
    except ValueError:
        fault = f"is {text!r}, which is not in the notation of Flask-Limiter"
        raise InvalidSetting(name, fault, example=example) from None
    if any(limit.amount < 1 for limit in limits):
        raise InvalidSetting(name, f"is {text!r}, which allows no request", example=example)
    return text


def web_address(name: str, text: str, *, example: str) -> str:
    """Read an http or https URL; a slash at its end is dropped."""
    parts = _split(name, text, example)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise InvalidSetting(name, "is no http:// or https:// address", example=example)
    if parts.query or parts.fragment:
        raise InvalidSetting(name, "must have no ? or # in it", example=example)
    return text.rstrip("/")


def origins(name: str, text: str) -> tuple[str, ...]:
    """Read web origins, `scheme://host[:port]`, separated by commas or blanks."""
    example = "https://school.example,https://www.school.example"
    found = tuple(word.lower() for word in re.split(r"[,\s]+", text) if word)
    for origin in found:
        web_address(name, origin, example=example)
        if urlsplit(origin).path:
            raise InvalidSetting(name, f"holds {origin!r}, which has a path", example=example)
    return found


def database_url(name: str, text: str) -> str:
    """Read a PostgreSQL URL and return it in the form that SQLAlchemy takes for psycopg 3."""
    example = "postgresql://user:password@host:5432/thrive"
    scheme, separator, rest = text.partition("://")
    if not separator or scheme not in ("postgres", "postgresql", "postgresql+psycopg"):
        fault = "is no PostgreSQL URL (postgresql://...); no other database will do"
        raise InvalidSetting(name, fault, example=example)
    parts = _split(name, f"postgresql://{rest}", example)
    if len(parts.path) < 2:
        raise InvalidSetting(name, "names no database after the host", example=example)
    _refuse_unknown_options(name, f"postgresql+psycopg://{rest}", example)
    return f"postgresql+psycopg://{rest}"


def _refuse_unknown_options(name: str, url: str, example: str) -> None:
    """Let the libraries that will connect take the URL apart; only option names are shown."""
    from psycopg.pq import Conninfo  # noqa: PLC0415 - a launcher with servers of its own needs none
    from sqlalchemy import make_url  # noqa: PLC0415 - as above
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415 - as above

    try:
        parsed = make_url(url)
        _, arguments = parsed.get_dialect()().create_connect_args(parsed)
    except (ArgumentError, ValueError):
        raise InvalidSetting(name, "is no URL that can be read", example=example) from None
    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    unknown = sorted(arguments.keys() - known)
    if unknown and re.fullmatch(r"\w{1,40}", unknown[0]):
        fault = f"has the option {unknown[0]}, which PostgreSQL doesn't know"
        raise InvalidSetting(name, fault, example=example)
    if unknown:
        raise InvalidSetting(name, "is no URL that can be read", example=example)


def broker_url(name: str, text: str) -> str:
    """Read the URL of a Redis, Sentinel or RabbitMQ broker and return it in Celery's form."""
    example = "redis://host:6379/0"
    scheme, separator, rest = text.partition("://")
    if not separator or scheme not in _BROKERS:
        fault = f"is no broker URL; it starts with one of {', '.join(_BROKERS)} and ://"
        raise InvalidSetting(name, fault, example=example)
    if scheme in ("unix", "redis+socket"):
        return _socket_broker_url(name, rest)
    if scheme == "sentinel":
        example = "sentinel://one:26379/0;sentinel://other:26379/0?master_name=thrive"
        _check_master_name(name, text, example)
    for server in text.split(";"):  # Sentinel lists several
        parts = _split(name, server, example)
        if not parts.hostname:
            raise InvalidSetting(name, "names no host", example=example)
        if not scheme.startswith("amqp"):
            _check_database_number(name, parts.path.removeprefix("/"), example)
    return text


_BROKERS = ("redis", "rediss", "unix", "redis+socket", "sentinel", "amqp", "amqps")


def _check_master_name(name: str, text: str, example: str) -> None:
    servers, _, query = text.partition("?")
    if not re.fullmatch(r"master_name=[^&;=?]+", query) or "?" in servers:
        fault = "doesn't end in ?master_name= and the name that Sentinel knows the servers by"
        raise InvalidSetting(name, fault, example=example)


def _socket_broker_url(name: str, rest: str) -> str:
    path, _, query = rest.partition("?")
    if not path.rpartition("@")[2].startswith("/"):
        raise InvalidSetting(name, "names no absolute path", example="unix:///run/redis.sock")
    query = re.sub(r"(^|&)db=", r"\1virtual_host=", query)
    number = dict(parse_qsl(query)).get("virtual_host", "")
    _check_database_number(name, number, example="unix:///run/redis.sock?db=0")
    return f"redis+socket://{path}" + (f"?{query}" if query else "")


def _check_database_number(name: str, text: str, example: str) -> None:
    if text and not re.fullmatch(r"[0-9]{1,9}", text):
        raise InvalidSetting(name, "names a database that is no number", example=example)


def smtp_url(name: str, text: str) -> str:
    """Read `smtp://` or `smtps://` with a host, and a user and password where needed."""
    example = "smtp://user:password@mail.example:587"
    parts = _split(name, text, example)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path not in ("", "/"):
        fault = "is no mail server's URL (smtp:// or smtps://, a host, no path)"
        raise InvalidSetting(name, fault, example=example)
    return text


def mail_address(name: str, text: str) -> str:
    """Read one mail address, with a name before it or without."""
    example = "Course Office <office@school.example>"
    try:
        header = HeaderRegistry()("From", text)
    except (HeaderParseError, ValueError, IndexError):
        raise InvalidSetting(name, "is no mail address", example=example) from None
    addresses = header.addresses if isinstance(header, AddressHeader) else ()
    if len(addresses) != 1 or header.defects or not (addresses[0].username and addresses[0].domain):
        raise InvalidSetting(name, f"is {text!r}, which is not one mail address", example=example)
    return text


def logins(name: str, text: str) -> str:
    """Read `user:password`, several separated by commas."""
    if all(re.fullmatch(r"[^:\s,]+:[^,]+", pair) for pair in text.split(",")):
        return text
    raise InvalidSetting(name, "is not of the form user:password", example="admin:a-long-password")


def signing_secret(name: str, text: str) -> str:
    """Read the key of HS256 signatures: at least 32 bytes (RFC 7518, 3.2)."""
    length = len(text.encode())
    if length >= 32:
        return text
    raise InvalidSetting(name, f"has {length} bytes and needs at least 32; `openssl rand -hex 32`")


def key_set(name: str, file: Path) -> None:
    """Read a file as a set of public keys (RFC 7517), one of which can check a token."""
    from jwt.exceptions import PyJWTError  # noqa: PLC0415 - few use it, and it takes a while

    from app.jwks import ALGORITHMS, signing_keys  # noqa: PLC0415 - as above

    try:
        signing_keys(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, AttributeError, PyJWTError):
        fault = f"names {file}, which is no JSON Web Key Set for {' or '.join(ALGORITHMS)}"
        raise InvalidSetting(name, fault) from None


def _split(name: str, text: str, example: str) -> SplitResult:
    """Take a URL apart; the value stays out of the error, it may hold a password."""
    if re.search(r"[\x00-\x20\x7f]", text):
        raise InvalidSetting(name, "has blanks or control characters in it", example=example)
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError:
        raise InvalidSetting(name, "is no URL that can be read", example=example) from None
    return parts
