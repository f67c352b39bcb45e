"""Fills in the templates: one file a topic, laid out once as text and once as HTML.

A topic's template says the sentences, in blocks; the layout says where they go. Templates are
compiled once a process, and so is the style sheet that is inlined into the HTML.
"""

import textwrap
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from css_inline import CSSInliner
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from tasks.wording.plain_text import plain, shortened

TEMPLATES = Path(__file__).parent / "templates"
WIDTH = 72
"""Of a line of the text, in characters."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter's subject, and what it says: once as text, once as HTML."""

    subject: str
    text: str
    html: str


def render(topic: str, words: dict[str, Any]) -> Rendered:
    """The letter on this topic; raises jinja2's TemplateNotFound for one that is none."""
    as_text, as_html = _text().get_template(f"topics/{topic}.jinja"), _html_template(topic)
    return Rendered(
        subject=_subject(as_text, words),
        text=as_text.render(words).strip() + "\n",
        html=_inliner().inline(as_html.render(words)),
    )


def _html_template(topic: str) -> Template:
    return _html().get_template(f"topics/{topic}.jinja")


def _subject(template: Template, words: dict[str, Any]) -> str:
    return plain("".join(template.blocks["subject"](template.new_context(words))))


@lru_cache(maxsize=1)
def _text() -> Environment:
    return _environment("text", autoescape=False, paragraph=_text_paragraph)


@lru_cache(maxsize=1)
def _html() -> Environment:
    return _environment("html", autoescape=True, paragraph=_html_paragraph)


@lru_cache(maxsize=1)
def _inliner() -> CSSInliner:
    # what is for dark screens only can't stand in an element; nothing is ever fetched
    return CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def _environment(layout: str, *, autoescape: bool, paragraph: Any) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=autoescape,  # noqa: S701 - off for text, where nothing is markup
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]  # the extension's
    environment.filters |= {"paragraph": paragraph, "shortened": shortened}
    environment.globals |= {"layout": f"layout.{layout}", "format": layout}
    environment.globals["style"] = (TEMPLATES / "letter.css").read_text(encoding="utf-8")
    return environment


@pass_context
def _gettext(context: Context, sentence: str) -> str:
    return str(context["language"].gettext(sentence))


@pass_context
def _ngettext(context: Context, one: str, many: str, count: int) -> str:
    return str(context["language"].translations.ngettext(one, many, count))


def _text_paragraph(said: str) -> str:
    """A paragraph of lines that aren't too long, and an empty one; nothing of nothing."""
    lines = textwrap.wrap(said, WIDTH, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines) + "\n\n" if lines else ""


def _html_paragraph(said: str) -> Markup:
    return Markup("<p>{}</p>\n").format(escape(said.strip())) if said.strip() else Markup()
