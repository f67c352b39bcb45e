"""What the WSGI server imports."""

from app import create_app
from app.settings import InvalidSetting

try:
    application = create_app()
except InvalidSetting as error:
    # one line instead of a traceback
    raise SystemExit(f"Thrive Booking: {error}") from None
