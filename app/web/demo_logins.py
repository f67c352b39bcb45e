"""Who may sign in to the demo without a password: only on the machine that the demo runs on."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from flask import Request

from app.setting_values import LOOPBACK
from app.settings import Settings

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")
"""What proxies add to the requests that they pass on."""


def demo_logins(settings: Settings, request: Request) -> Sequence[dict[str, Any]]:
    """The people of the demo (email, name, role, note); none where other machines are answered.

    None, too, where somebody else signs the tokens, or where the demo was never put in.
    """
    if settings.jwt_secret is None or not _is_near(settings, request):
        return ()
    try:
        text = (settings.var / "demo.json").read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    logins: list[dict[str, Any]] = json.loads(text)
    return logins


def _is_near(settings: Settings, request: Request) -> bool:
    """Whether the browser is on this machine, as far as that can be told.

    Where a proxy stands before us it is the proxy that asks from here. A page of another site whose
    name was made to mean this machine (DNS rebinding) asks by that name.
    """
    public = urlsplit(settings.public_url).hostname
    asked = urlsplit(request.host_url).hostname
    return {settings.host, public, asked} <= LOOPBACK and not any(
        name in request.headers for name in FORWARDED
    )
