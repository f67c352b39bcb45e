"""The way to an endpoint: only to public addresses, and over in time, whatever the server does."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpcore
import pytest

from models.webhook_finishing import Answer
from models.webhook_url import is_public
from tasks.webhook_exchange import Network, post
from tasks.webhook_resolving import Unresolvable, resolve
from tests.private_hosts import PRIVATE_HOSTS
from tests.receiver import Receiver, receiving
from tests.tasks.certificates import Authority

PUBLIC = "8.8.8.8"
NAME = "hooks.school.example"
REFUSED = Answer(None, "its address isn't one of the public internet")


class Router(httpcore.SyncBackend):
    """A way out that leads to the receiver, whatever the address; keeps where it was to lead."""

    def __init__(self, port: int) -> None:
        self.asked: list[str] = []
        self._port = port

    def connect_tcp(self, host: str, _port: int, *rest: Any) -> httpcore.NetworkStream:
        self.asked.append(host)
        return super().connect_tcp("127.0.0.1", self._port, *rest)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@contextmanager
def listening() -> Iterator[tuple[int, Callable[[], bool]]]:
    """A port of this machine, and whether anybody has connected to it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.01)

        def was_connected() -> bool:
            try:
                listener.accept()[0].close()
            except TimeoutError:
                return False
            return True

        yield listener.getsockname()[1], was_connected


def send(url: str, **network: Any) -> Answer:
    return post(Network(**network), url, {"Content-Type": "application/json"}, b"{}")


def always(*addresses: str) -> Callable[[str, float], list[str]]:
    return lambda _host, _seconds: list(addresses)


# where to


@pytest.mark.parametrize("host", PRIVATE_HOSTS)
def test_nothing_connects_to_an_address_that_is_not_public(host: str) -> None:
    with listening() as (port, was_connected):
        assert send(f"http://{host}:{port}/") == REFUSED
        assert not was_connected()


def test_where_it_is_allowed_it_does(receiver: Receiver) -> None:
    """The control of the tests above: this is where a refused request would have arrived."""
    assert send(receiver.url(host="localhost"), allow_private=True) == Answer(200, None)
    assert send(receiver.url(host="2130706433"), allow_private=True) == Answer(200, None)
    assert len(receiver.received) == 2


def test_one_address_that_is_not_public_is_enough_to_refuse_a_name() -> None:
    with listening() as (port, was_connected):
        for addresses in ((PUBLIC, "127.0.0.1"), ("127.0.0.1", PUBLIC)):
            assert send(f"http://{NAME}:{port}/", resolve=always(*addresses)) == REFUSED
        assert not was_connected()


def rebinding() -> Callable[[str, float], list[str]]:
    """A name server that answers a public address first, and this machine's from then on."""
    answers = iter([[PUBLIC]])
    return lambda _host, _seconds: next(answers, ["127.0.0.1"])


def test_a_name_that_is_bound_anew_after_it_was_judged_changes_nothing(
    receiver: Receiver,
) -> None:
    changing, router = rebinding(), Router(receiver.port)
    answer = send(f"http://{NAME}/ok", resolve=changing, system=router)
    assert (answer, router.asked) == (Answer(200, None), [PUBLIC]), "judged and used: the same"
    assert send(f"http://{NAME}/ok", resolve=changing, system=router) == REFUSED
    assert router.asked == [PUBLIC]
    assert receiver.received[0].headers["host"] == NAME


def test_whoever_judges_a_name_and_lets_the_library_look_it_up_again_is_led_astray() -> None:
    """The control: the usual way, which looks up twice."""
    with listening() as (port, was_connected):
        look_up = rebinding()
        assert all(map(is_public, look_up(NAME, 1)))
        socket.create_connection((look_up(NAME, 1)[0], port), 1).close()
        assert was_connected()


def test_a_redirect_is_a_failure_and_not_followed(receiver: Receiver) -> None:
    answer = send(receiver.url("/to-private"), allow_private=True)
    assert answer == Answer(302, "answered 302")
    assert [one.path for one in receiver.received] == ["/to-private"]


def test_the_first_address_that_answers_is_taken(receiver: Receiver) -> None:
    # nobody listens at the first: the receiver has this port at another address
    addresses = always("127.0.0.2", "127.0.0.1")
    url = receiver.url(host=NAME)
    assert send(url, resolve=addresses, allow_private=True) == Answer(200, None)
    answer = send(url, resolve=always("127.0.0.2", "127.0.0.3"), allow_private=True)
    assert answer.status is None
    assert "refused" in str(answer.error)
    assert send(url, resolve=always(), allow_private=True).status is None


def test_a_name_without_an_address_can_not_be_reached() -> None:
    assert send("http://nowhere.invalid/") == Answer(
        None, "can't be reached: the name has no address"
    )
    label = "http://" + "a" * 70 + ".example/"  # longer than a label may be
    assert send(label).status is None


def test_a_name_server_that_does_not_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(0.2) or [])
    with pytest.raises(Unresolvable, match="doesn't answer"):
        resolve(NAME, 0.05)


# for how long


@pytest.mark.parametrize("path", ["/hang", "/drip"])
def test_an_exchange_is_over_in_time_also_where_bytes_drip(receiver: Receiver, path: str) -> None:
    began = time.monotonic()
    answer = send(receiver.url(path), allow_private=True, seconds=0.5)
    assert answer == Answer(None, "took too long")
    assert 0.4 < time.monotonic() - began < 1.5
    receiver.let_go.set()


def test_a_server_that_takes_nothing_is_over_in_time_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        began = time.monotonic()
        answer = post(Network(allow_private=True, seconds=0.5), url, {}, b"x" * 50_000_000)
        assert (answer.error, time.monotonic() - began < 1.5) == ("took too long", True)


def test_an_answer_is_read_a_little_of_and_no_more(receiver: Receiver) -> None:
    assert send(receiver.url("/long"), allow_private=True) == Answer(200, None)


def test_a_success_whose_body_never_ends_is_one(receiver: Receiver) -> None:
    def begin(handler: Any, _: int) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        receiver.let_go.wait(10)

    receiver.answer = begin
    began = time.monotonic()
    assert send(receiver.url(), allow_private=True, seconds=8) == Answer(200, None)
    assert time.monotonic() - began < 4, "it is dropped long before the end"


def test_what_is_no_http_or_breaks_off_is_a_failure(receiver: Receiver) -> None:
    assert str(send(receiver.url("/close"), allow_private=True).error).startswith("broke off")
    receiver.answer = lambda handler, _: handler.wfile.write(b"SECRET OF ANOTHER SERVER\r\n\r\n")
    answer = send(receiver.url(), allow_private=True)
    assert answer == Answer(None, "broke off: RemoteProtocolError"), "nothing of it is quoted"


# TLS


def test_over_tls_the_certificate_is_checked_for_the_name(tmp_path: Path) -> None:
    authority = Authority.make(tmp_path)
    server, client = authority.server_context(NAME, "127.0.0.1"), authority.client_context()
    asked: list[Any] = []
    server.sni_callback = lambda _, name, __: asked.append(name)
    with receiving(server) as receiver:
        way = {"system": Router(receiver.port), "resolve": always(PUBLIC)}
        assert send(f"https://{NAME}/ok", tls=client, **way) == Answer(200, None)
        assert asked == [NAME]
        other = send("https://other.example/ok", tls=client, **way)
        assert other.status is None
        assert "CERTIFICATE_VERIFY_FAILED" in str(other.error)
        stranger = send(f"https://{NAME}/ok", **way)
        assert "CERTIFICATE_VERIFY_FAILED" in str(stranger.error)
        assert len(receiver.received) == 1


def test_a_tls_server_that_says_nothing_is_over_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        assert send(url, allow_private=True, seconds=0.3) == Answer(None, "took too long")
