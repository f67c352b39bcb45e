"""The words of calendar entries, in the student's language; the sentences are those of letters."""

from models.calendar_entries import CalendarEntry
from tasks.wording.languages import Language
from tasks.wording.moments import moment
from tasks.wording.plain_text import plain


def summary(entry: CalendarEntry) -> str:
    """The entry's title: the program and step, or the class for a seat without a step."""
    if entry.step_label is None:
        return plain(entry.group_class_name)
    return plain(f"{entry.program_title}, {entry.step_label}: {entry.step_title}")


def description(entry: CalendarEntry, page: str, language: Language) -> str:
    """The lines under it: whom it is with, until when it can be changed, where to do that.

    Instants are told by the student's clocks; whether they are over isn't, as the text stays.
    """
    sentence = language.gettext("%(group_class)s with %(teacher)s")
    names = {"group_class": plain(entry.group_class_name), "teacher": plain(entry.teacher_name)}
    return "\n".join([sentence % names, *_until(entry, language), page])


def _until(entry: CalendarEntry, language: Language) -> list[str]:
    if entry.until is None:
        return []
    change = moment(entry.until.change, entry.time_zone, language)
    cancel = moment(entry.until.cancel, entry.time_zone, language)
    if change == cancel:
        return [language.gettext("You can change or cancel it until %(when)s.") % {"when": change}]
    sentence = language.gettext(
        "You can change it until %(change)s, and cancel it until %(cancel)s."
    )
    return [sentence % {"change": change, "cancel": cancel}]
