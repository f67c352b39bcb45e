"""A problem as a page: what went wrong in a sentence, and where to go from there."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Response, g, request

from app.web.own_path import own_path
from app.web.page import render, see_other
from app.web.reader import current_reader


def show(document: dict[str, Any], headers: Mapping[str, str]) -> Response:
    """The page of a problem's document; whoever isn't signed in is led there and back."""
    if document["status"] == HTTPStatus.UNAUTHORIZED:
        return see_other("/sign-in?" + urlencode({"next": _way_back(), "why": document["code"]}))
    if "person" not in g:
        # who the reader is can't be looked up while the database is away
        g.pop("user_id", None)
    reader = current_reader()
    response = render(
        "problem.html",
        document["status"],
        reader=reader,
        problem=document,
        sentence=reader.language.gettext(document["message"]),
        way_back=_way_back(),
    )
    response.headers.update(headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def _way_back() -> str:
    """The page that was asked for, or the one whose form was sent; never one of another site."""
    if request.method == "GET":
        return own_path(request.full_path.rstrip("?"))
    try:
        sent_from = urlsplit(request.referrer or "/")
    except ValueError:  # anybody may send anything
        return "/"
    return own_path(sent_from.path + (f"?{sent_from.query}" if sent_from.query else ""))
