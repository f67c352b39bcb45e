"""CSV (RFC 4180) that a spreadsheet shows and never runs."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from flask import Response

CONTENT_TYPE = "text/csv; charset=utf-8"

# with one of these first, spreadsheets take a cell for a formula
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """The table as text, its lines ending in CR LF; None is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(map(_cell, header))
    writer.writerows(map(_cell, row) for row in rows)
    return text.getvalue()


def csv_attachment(text: str, name: str) -> Response:
    """An answer that browsers save as `name`, which has to be plain ASCII."""
    response = Response(text, content_type=CONTENT_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _cell(value: Any) -> str:
    """What is shown for a value; a quote in front keeps what looks like a formula text."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_BEGINS_FORMULA) else text
