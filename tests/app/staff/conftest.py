"""Somebody of each role."""

import pytest
from flask.testing import FlaskClient

from app.settings import Settings
from models.round import Decider
from tests.app.deeds import Deeds
from tests.app.visitors import Visitor
from tests.school import School


@pytest.fixture
def staff(client: FlaskClient, settings: Settings, school: School) -> Visitor:
    return Visitor(client, settings, school.person("STAFF", name="Sam Staff"))


@pytest.fixture
def admin(client: FlaskClient, settings: Settings, school: School) -> Visitor:
    return Visitor(client, settings, school.person("ADMIN", name="Ada Admin"))


@pytest.fixture
def teacher(client: FlaskClient, settings: Settings, school: School) -> Visitor:
    return Visitor(client, settings, school.person("TEACHER", name="Tim Teacher"))


@pytest.fixture
def learner(client: FlaskClient, settings: Settings, school: School) -> Visitor:
    return Visitor(client, settings, school.person(name="Lea Learner"))


@pytest.fixture
def deeds(staff: Visitor, decider: Decider) -> Deeds:
    """What the member of staff does, decided at once."""
    return Deeds(staff, decider)
