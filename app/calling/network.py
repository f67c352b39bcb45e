"""Requests, sent again until they are answered. Only this and `in_time` know httpx."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

import httpx

from app.calling.errors import (
    NetworkError,
    PatienceError,
    RequestError,
    SignInError,
    ThriveError,
    UnavailableError,
    problem_of,
)
from app.calling.in_time import in_time
from app.clock import utc_now

HOLD_SECONDS = 10
"""How long the server is asked to hold an answer: most requests are decided within it."""
ANSWER_SECONDS = 20.0
"""How long nothing may come of an answer, the hold included."""
MARGIN_SECONDS = 0.5
"""For the way there and back, before patience ends."""
LEAST_SECONDS = 0.1
"""What the last try is given, however little is left."""
LONGEST_PAUSE = 15.0
AGAIN = frozenset({408, 429, 502, 503, 504})

Token = str | Callable[[], str]


@dataclass(frozen=True)
class Request:
    """One request; only what may arrive twice belongs here."""

    method: str
    path: str
    body: Any = None
    query: Mapping[str, str | int] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    held: bool = False
    """Whether the answer is to be held back until there is something to say."""


@dataclass(frozen=True)
class Answer:
    """An answer that isn't an error; `body` is None where nothing is new (304)."""

    headers: Mapping[str, str]
    body: Any


class Network:
    """The way to one server, for any number of threads."""

    def __init__(self, base_url: str, token: Token) -> None:
        accept = "application/json, application/problem+json"
        self._http = httpx.Client(base_url=address(base_url), headers={"Accept": accept})
        self._token = token

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def send(self, request: Request, deadline: float) -> Answer:
        """Send a request until it is answered; `deadline` is a monotonic time.

        Raises what the last try came to once that is over (NetworkError, UnavailableError), and
        SignInError and RequestError at once.
        """
        if not request.path.startswith("/"):
            # the token is for this server alone
            raise ValueError(f"a path begins with a slash: {request.path}")
        tries = 0
        while True:
            try:
                return judge(self._exchange(request, deadline))
            except PatienceError as trouble:
                asked = trouble.retry_after or timedelta(0)
                pause = max(asked.total_seconds(), back_off(tries))
                if time.monotonic() + pause >= deadline:
                    raise
            time.sleep(pause)
            tries += 1

    def _exchange(self, request: Request, deadline: float) -> httpx.Response:
        token = self._token if isinstance(self._token, str) else self._token()
        left = max(deadline - time.monotonic(), LEAST_SECONDS)
        headers = {**request.headers, "Authorization": f"Bearer {token}"}
        if request.held and left > MARGIN_SECONDS + 1:
            headers["Prefer"] = f"wait={int(min(left - MARGIN_SECONDS, HOLD_SECONDS))}"
        ask = partial(
            self._http.request,
            request.method,
            request.path,
            json=request.body,
            params=request.query,
            headers=headers,
            timeout=min(left, ANSWER_SECONDS),
        )
        return answered(left, ask)


def answered(seconds: float, ask: Callable[[], httpx.Response]) -> httpx.Response:
    """The whole answer; NetworkError where there is none within these seconds."""
    try:
        return in_time(seconds, ask)
    except (httpx.InvalidURL, httpx.LocalProtocolError):
        # it won't be better next time; what is wrong isn't quoted, as it may be the token
        raise ValueError("the path, the key or the token can't be sent as it is") from None
    except (httpx.TransportError, httpx.DecodingError) as cause:
        cause.__cause__ = None  # httpx tells the same again, for each of its layers
        told = NetworkError(f"There is no connection: {cause}", code="network")
        raise told from cause.with_traceback(None)


def address(base_url: str) -> httpx.URL:
    """Where the server is; ValueError for what can't be asked there."""
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL as error:
        raise ValueError(f"base_url is no address: {error}") from None
    if url.scheme not in {"http", "https"} or not url.host:
        raise ValueError(f"base_url begins with http:// or https:// and a host: {base_url}")
    if url.userinfo:
        raise ValueError("base_url has no user and password: the token says who asks")
    if url.path.rstrip("/").endswith("/api"):
        raise ValueError(f"base_url ends before the /api of the paths: {base_url}")
    return url


def judge(response: httpx.Response) -> Answer:
    """The answer, or the error that it is."""
    body = parsed(response)
    asked_for_news = "If-None-Match" in response.request.headers
    if response.status_code == httpx.codes.NOT_MODIFIED and asked_for_news:
        return Answer(response.headers, None)
    if not response.is_success:
        raise error_of(response, body)
    if body is None:
        raise NetworkError("The answer isn't Thrive's: it isn't JSON.", code="network")
    return Answer(response.headers, body)


def error_of(response: httpx.Response, body: Any) -> ThriveError:
    """What an answer that is no success raises."""
    status, problem = response.status_code, problem_of(body)
    if status in AGAIN:
        later = UnavailableError(
            "Please try again soon.", code="unavailable", status=status, problem=problem
        )
        later.retry_after = retry_after(response.headers)
        return later
    kind = SignInError if status == httpx.codes.UNAUTHORIZED else RequestError
    told = f"The server didn't take this: HTTP {status}."
    return kind(told, code=f"http_{status}", status=status, problem=problem)


def parsed(response: httpx.Response) -> Any:
    """The body, None where it isn't JSON."""
    if "json" not in response.headers.get("Content-Type", ""):
        return None
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """When the server wants to be asked again, from now; None if it doesn't say."""
    given = headers.get("Retry-After", "")
    try:
        if given.isascii() and given.isdigit():
            return timedelta(seconds=min(int(given), 10**6))
        at = parsedate_to_datetime(given)
    except ValueError:
        return None
    return max(at.replace(tzinfo=at.tzinfo or UTC) - utc_now(), timedelta(0))


def back_off(tries: int) -> float:
    """Seconds, doubling, and not the same for all who lost the server at once."""
    return float(min(0.5 * 2 ** min(tries, 10), LONGEST_PAUSE)) * random.uniform(0.5, 1)  # noqa: S311 - no secret
