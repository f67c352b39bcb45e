"""What Granian imports in these tests."""

from tests.app.api.probe_app import probe_app

application = probe_app()
