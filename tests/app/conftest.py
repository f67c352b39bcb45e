"""The application on the real database and broker, and a student who uses it."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from app import create_app
from app.api.collaborators import RUNTIME
from app.runtime import WebRuntime
from app.settings import Settings
from models.round import Decider
from tests.app.students import Student, decide
from tests.school import Course, School


@pytest.fixture(scope="session")
def built_application(session_settings: Settings) -> Flask:
    return create_app(session_settings)


@pytest.fixture
def application(built_application: Flask, engine: Engine, settings: Settings) -> Flask:
    """The application with a runtime of its own: nothing that another test left in it."""
    built_application.extensions[RUNTIME] = WebRuntime(settings)
    return built_application


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
