"""Looks host names up within a given time, which the system's own way doesn't bound."""

import socket
import threading
from queue import Empty, Queue


class Unresolvable(Exception):  # noqa: N818 - a state of the world
    """The name has no address, or none that could be found in time."""


def resolve(host: str, seconds: float) -> list[str]:
    """All addresses of a host name, or the literal one that it is; raises Unresolvable.

    A name server that doesn't answer leaves a thread behind until the system itself gives up.
    """
    answer: Queue[list[str] | None] = Queue(1)
    threading.Thread(target=_look_up, args=(host, answer), daemon=True).start()
    try:
        addresses = answer.get(timeout=seconds)
    except Empty:
        raise Unresolvable("the name server doesn't answer") from None
    if not addresses:
        raise Unresolvable("the name has no address")
    return addresses


def _look_up(host: str, answer: "Queue[list[str] | None]") -> None:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # a label that is too long is the latter
        answer.put(None)
    else:
        answer.put(list(dict.fromkeys(str(address[0]) for *_, address in found)))
