"""The Prefer header (RFC 7240): `wait=N` holds an answer until there is something to say."""

import re
from datetime import timedelta

from flask import Request

LONGEST_WAIT_SECONDS = 30

# a name perhaps with a value, quoted or not; or what divides preferences and their parameters
_PART = re.compile(r'(?:[^,;"]|"(?:[^"\\]|\\.)*"?)+|[,;]')
_WAIT = re.compile(r'\s*wait\s*=\s*"?([0-9]{1,1000})"?\s*', re.IGNORECASE | re.ASCII)


def preferred_wait(request: Request) -> timedelta | None:
    """Return how long the client would wait, at most 30 s; None when it doesn't say.

    The first `wait` counts, in whichever header or place of the list it stands; what can't be
    read is ignored, as the RFC demands.
    """
    for header in request.headers.getlist("Prefer"):
        for preference in _split(header):
            if match := _WAIT.fullmatch(preference):
                return timedelta(seconds=min(int(match[1]), LONGEST_WAIT_SECONDS))
    return None


def _split(header: str) -> list[str]:
    """Return the preferences of a list without their parameters; commas in quotes are text."""
    preferences = []
    before_parameters = True
    for part in _PART.findall(header):
        if part in ",;":
            before_parameters = part == ","
        elif before_parameters:
            preferences.append(part)
    return preferences


def preference_applied(wait: timedelta) -> dict[str, str]:
    """Return the header that says for how long the answer was held at most."""
    return {"Preference-Applied": f"wait={int(wait.total_seconds())}"}
