"""Lines for the person at the terminal."""

import os
import sys
from typing import TextIO


def say(text: str) -> None:
    """Print a line at once, also into a pipe; when nobody reads any more, it is for nobody."""
    _print(text, sys.stdout)


def complain(text: str) -> None:
    """Print the one line about what went wrong."""
    _print(f"Thrive Booking: {text}", sys.stderr)


def _print(text: str, stream: TextIO) -> None:
    try:
        stream.write(text + "\n")
        stream.flush()
    except BrokenPipeError:
        # else Python would try again to write the rest when it ends, and fail aloud
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
