"""What the page that ends the reminders says, in each language that it speaks."""

from dataclasses import dataclass

from werkzeug.datastructures import LanguageAccept


@dataclass(frozen=True, slots=True)
class Words:
    """The page in one language."""

    language: str
    title: str
    question: str
    button: str
    done: str
    kept: str


_WORDS = {
    words.language: words
    for words in (
        Words(
            language="en",
            title="Reminders",
            question="Shall we stop reminding you of your sessions by mail?",
            button="Send me no more reminders",
            done="We won't remind you any more. You can turn reminders on again in your profile.",
            kept="Confirmations and news about your bookings still come.",
        ),
        Words(
            language="de",
            title="Erinnerungen",
            question="Sollen wir Sie nicht mehr per E-Mail an Ihre Termine erinnern?",
            button="Keine Erinnerungen mehr schicken",
            done="Wir erinnern Sie nicht mehr. In Ihrem Profil können Sie Erinnerungen wieder"
            " einschalten.",
            kept="Bestätigungen und Nachrichten zu Ihren Buchungen kommen weiterhin.",
        ),
    )
}
_FALLBACK = "en"


def words_for(accepted: LanguageAccept, locale: str) -> Words:
    """The words in the language that the browser asks for, else in the person's own, else English.

    `locale` is a tag such as `de-AT`.
    """
    asked = accepted.best_match(_WORDS)
    return _WORDS.get(asked or locale.partition("-")[0].lower(), _WORDS[_FALLBACK])
