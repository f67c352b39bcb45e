"""The application on the real database and broker, and a browser without scripts."""

import pytest
from flask import Flask
from sqlalchemy import Engine

from app import create_app
from app.api.collaborators import RUNTIME
from app.runtime import WebRuntime
from app.settings import Settings
from tests.app.conftest import deciding
from tests.web.browsing import Browser

__all__ = ["deciding"]


@pytest.fixture(scope="session")
def web_application(session_settings: Settings) -> Flask:
    return create_app(session_settings)


@pytest.fixture
def browser(web_application: Flask, engine: Engine, settings: Settings) -> Browser:
    web_application.extensions[RUNTIME] = WebRuntime(settings)
    return Browser(web_application.test_client(), settings)
