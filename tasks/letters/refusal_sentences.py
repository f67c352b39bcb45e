"""A refusal's sentence in the reader's language."""

from models.refusal import SENTENCES
from tasks.wording.languages import SOURCE, Language


def refusal_sentence(code: str, message: str, language: Language) -> str:
    """The sentence with which a request was refused, translated.

    One that names somebody's class is in no catalog: the code's own sentence says the same
    without the name.
    """
    translated = language.gettext(message)
    if translated != message or language.tag == SOURCE:
        return translated
    usual = SENTENCES.get(code)
    return language.gettext(usual) if usual else message
