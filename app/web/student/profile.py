"""One's name, time zone, language, and whether reminders are sent."""

from collections.abc import Collection, Mapping

from flask import Response, request
from marshmallow import ValidationError

from app.api.auth import current_user_id
from app.api.collaborators import request_db
from app.api.field_errors import flat_errors
from app.api.schemas.profile import ProfileChangeRequestSchema
from app.web.page import render, see_other
from app.web.reader import Reader, current_reader
from models.profile import change_profile
from tasks.wording.languages import languages as languages_of_catalogs
from tasks.wording.languages import nearest
from tasks.wording.time_zones import find_zone, zone_names

_CHANGE = ProfileChangeRequestSchema()
_FIELDS = ("name", "timeZone", "locale")


def show_profile() -> Response:
    """Show what one can change about oneself."""
    return _form((), saved="saved" in request.args)


def change() -> Response:
    """Keep what was changed, or show what is wrong with it."""
    sent = {name: request.form[name] for name in _FIELDS if name in request.form}
    try:
        changed = _CHANGE.load({**sent, "reminders": "reminders" in request.form})
    except ValidationError as error:
        wrong = flat_errors(error.messages).keys()
        return _form(wrong, status=422, name=sent.get("name"))
    change_profile(request_db(), current_user_id(), changed)
    return see_other("/profile?saved")


def _form(
    wrong: Collection[str], *, status: int = 200, saved: bool = False, name: str | None = None
) -> Response:
    """The form as it stands, or with the name that was sent."""
    reader = current_reader()
    names = [(name.replace("_", "-"), nearest(name).locale) for name in languages_of_catalogs()]
    return render(
        "student/profile.html",
        status,
        reader=reader,
        faults={name: fault for name, fault in _faults(reader).items() if name in wrong},
        saved=saved,
        name=reader.person.name if reader.person and name is None else name,
        # old data may name a zone that nobody knows, and that can't be kept once more
        zone=find_zone(reader.zone).key,
        zones=zone_names(),
        languages=[(tag, locale.get_display_name(locale)) for tag, locale in names],
    )


def _faults(reader: Reader) -> Mapping[str, str]:
    """What each field asks for, in words for whoever filled it in."""
    _ = reader.language.gettext
    return {
        "name": _("Please write a name of at most 200 characters, in one line."),
        "timeZone": _("Please choose a time zone from the list."),
        "locale": _("Please choose a language from the list."),
    }
