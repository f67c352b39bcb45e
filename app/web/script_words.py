"""The sentences that the pages' scripts say (`static/pages/words.js`), in the reader's language."""

from app.web.reader import Reader


def script_words(reader: Reader) -> dict[str, str]:
    """The sentences by name; `name_one` is for one, where `name` is for many."""
    _ = reader.language.gettext
    return {
        **_progress(reader),
        "close": _("Close"),
        "gone": _("You are offline. What you see here may be old."),
        "done_book": _("Booked: this seat is yours."),
        "done_change": _("Changed: the new seat is yours."),
        "done_cancel": _("Your booking is cancelled."),
        "done_join": _(
            "You are on the waitlist. Once a seat is free, it is yours, and we tell you by mail."
        ),
        "done_leave": _("You are not on the waitlist any more."),
        "done_bulk": _("Your sessions are booked."),
        "withdrawn": _("You took this request back. Nothing has changed."),
        "unavailable": _("We can't be reached at the moment. Please try again soon."),
        "wrong_unavailable": _("So many people are booking right now. Please try again soon."),
        "wrong_network": _("There is no connection. Your request is kept; reload to send it."),
        "wrong_refused": _("Not all that you asked for was possible. “Requests” tells why."),
        "wrong_failed": _("Something went wrong on our side. Please try again later."),
        "wrong_rejected": _("That didn't work. Please reload the page and try again."),
    }


def _progress(reader: Reader) -> dict[str, str]:
    _ = reader.language.gettext
    return {
        "queue": _("Your place in the queue"),
        "sending": _("Sending your request …"),
        "next": _("You are next."),
        "ahead": _ahead(reader, 2),
        "ahead_one": _ahead(reader, 1),
        "seconds": _seconds(reader, 2),
        "seconds_one": _seconds(reader, 1),
        "waiting": _("Still waiting. Your request is safe with us, also if you leave this page."),
        "offline": _("You are offline. Your request is kept, and goes on when you are back."),
        "busy": _("So many people are booking right now. We try again by ourselves."),
    }


def _ahead(reader: Reader, number: int) -> str:
    return reader.language.ngettext(
        "%(number)s request is ahead of yours.", "%(number)s requests are ahead of yours.", number
    )


def _seconds(reader: Reader, number: int) -> str:
    return reader.language.ngettext("About %(number)s second.", "About %(number)s seconds.", number)
