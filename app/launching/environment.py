"""The environment of the Procfile's processes."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from app.launching import child
from app.launching.leftovers import RUN
from app.launching.supervision import METRICS
from app.settings import CHECKOUT, Settings


def process_environment(
    settings: Settings, procfile: Path, environ: Mapping[str, str]
) -> dict[str, str]:
    """Return the environment of the Procfile's processes: ours, with every default filled in.

    The servers' passwords aren't in it; processes read them from `servers.json`.
    """
    programs = Path(sys.executable).parent
    return {
        **environ,
        RUN: str(settings.var),
        child.PROCFILE: str(procfile),
        child.PYTHON: sys.executable,
        child.CHECKOUT: str(CHECKOUT),
        "PATH": f"{programs}{os.pathsep}{environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",  # a log that lags behind misleads
        "VAR_DIR": str(settings.var),
        "PROMETHEUS_MULTIPROC_DIR": str(settings.var / METRICS),
        "HOST": settings.host,
        "PORT": str(settings.port),
        "FLOWER_ADDRESS": settings.flower_address,
        "FLOWER_PORT": str(settings.flower_port),
        **({"FLOWER_BASIC_AUTH": auth} if (auth := settings.flower_basic_auth) else {}),
    }
