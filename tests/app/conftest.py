"""The application on the real database and broker, and a student who uses it."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from app import create_app
from app.settings import Settings
from models.round import Decider
from tests.app.students import Student, decide
from tests.school import Course, School


@pytest.fixture
def application(engine: Engine, settings: Settings) -> Flask:
    return create_app(settings)


@pytest.fixture
def client(application: Flask) -> FlaskClient:
    return application.test_client()


@pytest.fixture
def course(school: School) -> Course:
    return school.course(capacity=1)


@pytest.fixture
def student(client: FlaskClient, settings: Settings, course: Course) -> Student:
    return Student(client, settings, course)


@pytest.fixture
def deciding(decider: Decider) -> Iterator[None]:
    """Somebody who decides all the time, as a worker does."""
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(0.02):
            decide(decider)

    thread = threading.Thread(target=work)
    thread.start()
    yield
    ended.set()
    thread.join()
