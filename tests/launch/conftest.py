import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.launch.places import Place


@contextmanager
def a_place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory() as parent:
        Path(parent).chmod(0o711)
        directory = Path(parent) / "a b'é %s; #"
        directory.mkdir(mode=0o755)
        found = Place(directory)
        yield found
        found.end()


@pytest.fixture
def another_place() -> Iterator[Callable[[], Place]]:
    """Each call makes one."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(a_place())


@pytest.fixture
def place(another_place: Callable[[], Place]) -> Place:
    return another_place()
