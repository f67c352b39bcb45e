"""What the WSGI server imports."""

import gc

from app.factory import build_app
from app.settings import InvalidSetting, load_settings

try:
    # without the commands: what they import is a fifth of a process' memory
    application = build_app(load_settings())
except InvalidSetting as error:
    # one line instead of a traceback
    raise SystemExit(f"Thrive Booking: {error}") from None

# what was imported stays: looking through it for garbage would hold requests up for 0.1 s
gc.collect()
gc.freeze()
