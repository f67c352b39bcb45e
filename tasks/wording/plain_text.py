"""Texts that people gave, made fit for a line of a letter or a header."""

import re

LONGEST_IN_HEADER = 120

# control characters, and marks that turn the direction of what follows
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """The text on one line, without characters that can't be seen but change how others look.

    What begins like an encoded word of a header doesn't any more: the reader would decode it.
    """
    return _UNSEEN.sub("", " ".join(text.split())).replace("=?", "= ?")


def shortened(text: str, longest: int = LONGEST_IN_HEADER) -> str:
    """At most so many characters of a plain text."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
