"""Where the reader can go from every page."""

from collections.abc import Sequence

from app.api.staff.rights import STAFF
from app.web.reader import Reader
from models.people import Role

Place = tuple[str, str]
"""A path and what it is called."""


def places(reader: Reader) -> Sequence[Place]:
    """The pages of the main navigation that this reader may see; none before they sign in."""
    if reader.person is None:
        return ()
    _ = reader.language.gettext
    own = (("/calendar", _("Calendar")), ("/jobs", _("Requests")), ("/profile", _("Profile")))
    if reader.person.role in STAFF:
        return _staff_places(reader)
    if reader.person.role == Role.TEACHER:
        return (("/staff/sessions", _("Sessions")), *own)
    return (("/", _("Your courses")), *own)


def _staff_places(reader: Reader) -> Sequence[Place]:
    _ = reader.language.gettext
    return (
        ("/staff/sessions", _("Sessions")),
        ("/staff/bookings", _("Bookings")),
        ("/staff/jobs", _("Jobs")),
        ("/staff/outbox", _("Outbox")),
        ("/staff/webhooks", _("Webhooks")),
        ("/staff/audit", _("Audit log")),
        ("/staff/analytics", _("Reports")),
        ("/profile", _("Profile")),
    )
