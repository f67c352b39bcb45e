"""One demo for all documents whose commands need one: it takes a while to start."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.documents.demo import Demo
from tests.processes import until


@pytest.fixture(scope="package")
def demo() -> Iterator[Demo]:
    with tempfile.TemporaryDirectory() as parent:
        Path(parent).chmod(0o711)  # root's PostgreSQL runs as somebody else, who has to pass
        running = Demo(Path(parent) / "var")
        try:
            until(running.is_ready, 120, "the start")
            yield running
        finally:
            running.stop()
