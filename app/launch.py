"""Starts the whole product and ends it again: `python -m app.launch`, which is `make run`."""

import os
import sys
from collections.abc import Sequence

from app.launching.stopping import StopSignals


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until Ctrl-C or SIGTERM, and return the exit code: 1 with one line on stderr, or 0."""
    stop = StopSignals()
    stop.listen()
    # imported here: that takes a while, in which a Ctrl-C may come
    from app.launching.command import run  # noqa: PLC0415 - as above

    code = run(arguments, os.environ, stop)
    stop.all_is_over()
    return code


if __name__ == "__main__":
    sys.exit(main())
