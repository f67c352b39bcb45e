"""What is wrong with a form's fields, in sentences for whoever filled them in."""

from collections.abc import Mapping, Sequence

from marshmallow import ValidationError

from app.api.field_errors import flat_errors
from app.web.reader import Reader

Faults = Mapping[str, Sequence[str]]
"""Sentences by the name of the field."""

MISSING = "Missing data for required field."
NO_INSTANT = "Must be an RFC 3339 time with its offset, such as 2026-03-01T09:30:00Z."


def faults_of(error: ValidationError, reader: Reader) -> Faults:
    """The sentences of each field that a schema finds wrong."""
    return told(flat_errors(error.messages), reader)


def told(errors: Faults, reader: Reader) -> Faults:
    """The sentences in the reader's language; those that speak to programs in other words."""
    _ = reader.language.gettext
    words = {
        MISSING: _("Please fill this in."),
        "Must say something.": _("Please fill this in."),
        NO_INSTANT: _("Please give a day and a time."),
        "Must be a whole number.": _("Please give a whole number."),
        "Must be a whole number in plain digits.": _("Please give a whole number."),
        "Must be after startAt.": _("The end must be after the beginning."),
        "Must be after from.": _("The last day must not be before the first."),
    }
    return {
        name: [words.get(sentence) or _(sentence) for sentence in sentences]
        for name, sentences in errors.items()
    }
