"""A terminal for commands that ask whoever sits at it."""

import os
import pty
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def typing(words: str) -> Iterator[int]:
    """A terminal at whose keyboard somebody has typed this."""
    keyboard, terminal = pty.openpty()
    try:
        os.write(keyboard, f"{words}\n".encode())
        yield terminal
    finally:
        os.close(keyboard)
        os.close(terminal)
