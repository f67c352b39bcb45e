"""Who may sign in to the demo without a password: only on the machine that the demo runs on."""

import json
from collections.abc import Sequence
from typing import Any

from app.setting_values import LOOPBACK
from app.settings import Settings


def demo_logins(settings: Settings) -> Sequence[dict[str, Any]]:
    """The people of the demo (email, name, role, note); none where other machines are answered.

    None, too, where somebody else signs the tokens, or where the demo was never put in.
    """
    if settings.host not in LOOPBACK or settings.jwt_secret is None:
        return ()
    try:
        text = (settings.var / "demo.json").read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    logins: list[dict[str, Any]] = json.loads(text)
    return logins
