"""Asking for no longer than so many seconds, however slowly the answer comes."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

import httpx

T = TypeVar("T")


def in_time(seconds: float, deed: Callable[[], T]) -> T:
    """What a deed of httpx's returns or raises; httpx.ReadTimeout when it takes longer.

    httpx limits each step, so that a server which sends a byte now and then is waited for without
    end, and looking up a name has no limit at all. So the deed has a thread of its own, and one
    that is late is left to itself: nobody hears what comes of it.
    """
    done: Future[T] = Future()
    Thread(target=_keep, args=(done, deed), daemon=True).start()
    try:
        return done.result(seconds)
    except TimeoutError:
        raise httpx.ReadTimeout("no whole answer in time") from None


def _keep(done: Future[T], deed: Callable[[], T]) -> None:
    try:
        done.set_result(deed())
    except BaseException as error:  # noqa: BLE001 - whoever waits for the result raises it
        done.set_exception(error)
