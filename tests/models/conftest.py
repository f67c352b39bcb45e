"""What tests of the rules share."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from models.invariants import check_invariants


@pytest.fixture
def sound(engine: Engine) -> Iterator[None]:
    """After the test, nothing that must always be true is broken."""
    yield
    assert check_invariants(engine).violations == []
