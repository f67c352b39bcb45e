"""The languages that are written in, and the one nearest to what a reader asked for.

A language is a folder of `locale/` with a catalog, read as it is at its first use; English needs
none. Dates and times follow the reader's region, too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

LOCALES = Path(__file__).parent / "locale"
SOURCE = "en"


@dataclass(frozen=True, slots=True)
class Language:
    """A language to write in; `locale` says how its readers write dates and times."""

    tag: str
    locale: Locale
    translations: NullTranslations

    @property
    def direction(self) -> str:
        """The direction that it is written in, as HTML names it."""
        return "rtl" if self.locale.text_direction == "rtl" else "ltr"

    def gettext(self, sentence: str) -> str:
        """The sentence in this language, or in English where it has none."""
        return self.translations.gettext(sentence)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """The sentence about so many, as this language counts them."""
        return self.translations.ngettext(one, many, number)


def languages() -> list[str]:
    """The names of all languages, English first."""
    found = sorted(file.parts[-3] for file in LOCALES.glob("*/LC_MESSAGES/thrive.po"))
    return [SOURCE, *(name for name in found if name != SOURCE)]


@lru_cache(maxsize=1000)
def nearest(wanted: str) -> Language:
    """The language nearest to a tag such as `de-AT`; English where there is none."""
    locale = _known(wanted)
    for name in _from_near_to_far(locale) if locale else ():
        if name in languages():
            return Language(name.replace("_", "-"), locale or Locale(name), _translations(name))
    return Language(SOURCE, Locale(SOURCE), _translations(SOURCE))


def asked_for(accepted: Iterable[str], otherwise: str) -> Language:
    """The first of a browser's languages that is written in, else the nearest to `otherwise`."""
    for tag in accepted:
        language = nearest(tag)
        if language.locale.language == tag.partition("-")[0].lower():
            return language
    return nearest(otherwise)


def _known(wanted: str) -> Locale | None:
    """The locale of this name, or at least that of its language."""
    name = wanted.replace("-", "_")
    for part in name, name.partition("_")[0]:
        try:
            return Locale.parse(part)
        except (ValueError, UnknownLocaleError):
            continue
    return None


def _from_near_to_far(locale: Locale) -> list[str]:
    parts = [(locale.script, locale.territory), (locale.script,), (locale.territory,), ()]
    return ["_".join([locale.language, *filter(None, rest)]) for rest in parts]


@lru_cache
def _translations(name: str) -> NullTranslations:
    file = LOCALES / name / "LC_MESSAGES" / "thrive.po"
    if not file.exists():
        return NullTranslations()
    compiled = BytesIO()
    with file.open("rb") as catalog:
        write_mo(compiled, read_po(catalog, locale=name))
    compiled.seek(0)
    return Translations(compiled)
