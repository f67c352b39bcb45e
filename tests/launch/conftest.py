import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.launch.places import Place


@pytest.fixture
def place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory() as parent:
        Path(parent).chmod(0o711)
        directory = Path(parent) / "a b'é %s; #"
        directory.mkdir(mode=0o755)
        found = Place(directory)
        yield found
        found.end()
