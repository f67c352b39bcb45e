"""Looks whether ports are free before anything heavy is started."""

import errno
import socket

from app.launching.launch_error import LaunchError
from app.settings import Settings


def refuse_taken_ports(settings: Settings) -> None:
    """Raise `LaunchError` unless the site and Flower can each listen on a port of its own."""
    _refuse_same_port(settings)
    _refuse_taken_port("PORT", settings.host, settings.port)
    _refuse_taken_port("FLOWER_PORT", settings.flower_address, settings.flower_port)


def _refuse_same_port(settings: Settings) -> None:
    if settings.port == settings.flower_port:
        example = f"FLOWER_PORT={settings.flower_port + 1}"
        raise LaunchError(
            f"PORT and FLOWER_PORT are both {settings.port}: choose another, for example {example}"
        )


def _refuse_taken_port(variable: str, host: str, port: int) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        raise LaunchError(_explain(error, variable, host, port)) from None


def _explain(error: OSError, variable: str, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        hint = f"stop what listens there or choose another, for example {variable}={port + 1}"
        return f"port {port} on {host} is taken: {hint}"
    return f"nobody can listen on {host} port {port} ({variable}): {error.strerror}"
