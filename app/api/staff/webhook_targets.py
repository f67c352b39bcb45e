"""Refuses to send events into one's own house, where a URL's name tells already.

What it tells now may change; each attempt looks again, and at the address that it connects to.
"""

from app.api.collaborators import current_settings, release_db
from app.api.problem import Problem
from models.webhook_url import host_of, is_local_name, is_public
from tasks.webhook_resolving import Unresolvable, resolve

SECONDS = 3.0
"""For the name server; a name that can't be looked up is taken as it is."""
REFUSED = "Must lead to a public address."


def refuse_private_target(url: str) -> None:
    """Raise Problem 422 where the URL leads to an address that isn't public.

    The request's connection is given back before: a name server may take its time.
    """
    if current_settings().webhook_allow_private:
        return
    release_db()
    if not _may_be_public(host_of(url)):
        raise Problem("invalid_fields", errors={"url": [REFUSED]})


def _may_be_public(host: str) -> bool:
    if is_local_name(host):
        return False
    try:
        return all(map(is_public, resolve(host, SECONDS)))
    except Unresolvable:
        return True
