import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from app.settings import Settings
from tests.app.api.probe_app import ProbeRuntime, probe_app, probe_runtime, probe_settings


@pytest.fixture(scope="session")
def settings() -> Settings:
    return probe_settings()


@pytest.fixture
def runtime(engine: Engine) -> ProbeRuntime:
    return probe_runtime(engine)


@pytest.fixture
def client(settings: Settings, runtime: ProbeRuntime) -> FlaskClient:
    return probe_app(settings, runtime).test_client()


@pytest.fixture(scope="session")
def open_client() -> FlaskClient:
    """For tests that change nothing: one application for all of them."""
    return probe_app().test_client()
