"""What the WSGI server imports."""

from app import create_app
from app.settings import InvalidSetting, load_settings

try:
    application = create_app(load_settings())
except InvalidSetting as error:
    # one line instead of a traceback
    raise SystemExit(f"Thrive Booking: {error}") from None
