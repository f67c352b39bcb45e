"""What stops a launch."""


class LaunchError(Exception):
    """The product can't be started; the text is one line for the person who tried."""


class StopRequested(BaseException):
    """Ctrl-C or a signal to end: not an error, so no `except Exception` may swallow it."""
