"""Log lines as JSON objects on stderr, for our own code and for the libraries'."""

import logging
import sys
from collections.abc import Sequence

import structlog
from structlog.typing import Processor

_SHARED: Sequence[Processor] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
# one list for good: loggers keep the one they saw first
_OURS: list[Processor] = [
    structlog.stdlib.filter_by_level,
    *_SHARED,
    structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
]


def configure_logging(level: int = logging.INFO) -> None:
    """Send every log line through structlog to stderr, one JSON object a line.

    JSON escapes line breaks, so nothing that somebody sent can forge a line. Calling it again
    changes nothing but the level.
    """
    structlog.configure(
        processors=_OURS,
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    handler.set_name("structured")
    root = logging.getLogger()
    root.handlers = [h for h in root.handlers if h.get_name() != "structured"]
    root.addHandler(handler)
    root.setLevel(level)
    # it tells of every look at the schema's revision
    logging.getLogger("alembic").setLevel(logging.WARNING)
