"""Reading a JSON body strictly (RFC 8259, I-JSON's RFC 7493 where it is stricter).

flask-smorest as it comes takes `text/plain` for an empty body, lets duplicate keys pass, fails
on deep nesting and long integers with a 500 and on a chunked oversize body with a 400. Here
each has its own 4xx, and at most 64 KiB are ever held.
"""

import json
import math
import re
import time
from collections.abc import Mapping
from typing import Any, NoReturn

from flask import Request
from marshmallow import ValidationError
from webargs import missing
from webargs.flaskparser import FlaskParser
from werkzeug.wsgi import get_input_stream

from app.api.field_errors import flat_errors
from app.api.problem import Problem

MAX_BODY_BYTES = 64 * 1024
DISCARDED_BYTES = 16 * 1024 * 1024
DISCARD_SECONDS = 2.0
MAX_DEPTH = 32
# far above any id, so that 10^30 is still a number that is out of range and not a parse error
MAX_DIGITS = 100

# a string that isn't closed reaches to the end, and nothing is ever tried twice: going back would
# cost the square of the body's length
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)


class StrictJsonParser(FlaskParser):
    """webargs' parser with strict JSON bodies and problems for its errors.

    Location `json` needs a body; `optional_json` takes none for an empty object.
    """

    __location_map__ = {  # noqa: RUF012 - the name and form are webargs'
        **FlaskParser.__location_map__,
        "optional_json": "load_optional_json",
    }

    def load_json(self, req: Request, schema: object) -> Any:  # noqa: ARG002 - webargs' signature
        """Read the body, which has to be there."""
        return read_json(req, required=True)

    def load_optional_json(
        self,
        req: Request,
        schema: object,  # noqa: ARG002 - webargs' signature
    ) -> Any:
        """Read the body; webargs' `missing` when there is none."""
        return read_json(req, required=False)

    def handle_error(self, error: ValidationError, *_: object, **__: object) -> NoReturn:
        """Raise a 422 with the errors by field, without webargs' level of the location."""
        by_location = error.messages_dict
        errors = {
            field: texts
            for messages in by_location.values()
            for field, texts in flat_errors(messages).items()
        }
        raise Problem("invalid_fields", errors=errors) from error


def read_json(request: Request, *, required: bool) -> Any:
    """Return the request's JSON document, or webargs' `missing` where none is required or sent.

    Raises Problem: 400 (malformed, or empty though required), 413, 415.
    """
    body = read_body(request)
    if not body and required:
        raise Problem("body_required")
    if not body:
        return missing
    _require_json_type(request)
    return parse_json(body)


def read_body(request: Request) -> bytes:
    """Read the raw body; raises Problem 413 when it is over 64 KiB, having read no more than that.

    A chunked body has no length to look at beforehand, and werkzeug cuts it off at its limit
    without a word, so it is asked for one byte more than is allowed.
    """
    announced = request.content_length
    if announced is not None and announced > MAX_BODY_BYTES:
        raise Problem("body_too_large")
    stream = get_input_stream(request.environ, max_content_length=MAX_BODY_BYTES + 1)
    body = stream.read(MAX_BODY_BYTES + 1)
    while 0 < len(body) <= MAX_BODY_BYTES:
        more = stream.read(MAX_BODY_BYTES + 1 - len(body))
        if not more:
            break
        body += more
    if len(body) > MAX_BODY_BYTES:
        raise Problem("body_too_large")
    if announced is not None and len(body) < announced:
        raise Problem("malformed_body", "The body is shorter than its Content-Length.")
    return body


def discard_body(environ: Mapping[str, Any]) -> None:
    """Read what is left of a body that nobody wants, up to 16 MiB and for about 2 s.

    Many clients send the whole body before they look at the answer: closed in their face, they
    would report a broken connection instead of the reason. Whoever waits for a word before they
    send (`Expect`, RFC 9110 10.1.1) has it in the answer.
    """
    if "HTTP_EXPECT" in environ:
        return
    ends = time.monotonic() + DISCARD_SECONDS
    for _ in range(DISCARDED_BYTES // MAX_BODY_BYTES):
        if not environ["wsgi.input"].read(MAX_BODY_BYTES) or time.monotonic() > ends:
            return


def _require_json_type(request: Request) -> None:
    """Raise a 415 unless the body calls itself JSON, in UTF-8 if it says anything about that."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    coded = request.headers.get("Content-Encoding", "identity").lower() != "identity"
    if request.mimetype != "application/json" or charset != "utf-8" or coded:
        raise Problem(
            "unsupported_media_type",
            "A body has to be application/json in UTF-8, not compressed.",
            headers={"Accept": "application/json"},
        )


def parse_json(body: bytes) -> Any:
    """Return the document in these bytes; raises Problem 400 for whatever isn't exactly one."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem("malformed_body", "The body isn't UTF-8.") from error
    _refuse_depth(text)
    try:
        return json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
            parse_int=_short_integer,
            parse_float=_finite,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Problem("malformed_body", f"The body isn't JSON: {error.msg} ({place}).") from error


def _refuse_depth(text: str) -> None:
    """Count before parsing: the parser's own recursion ends in an error of the interpreter."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for bracket in re.findall(r"[\[\]{}]", _STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DEPTH:
            raise Problem("malformed_body", f"The body nests deeper than {MAX_DEPTH} levels.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise Problem("malformed_body", "An object in the body has the same key twice.")
    return members


def _refuse_constant(_: str) -> NoReturn:
    raise Problem("malformed_body", "NaN and Infinity aren't JSON.")


def _short_integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise Problem("malformed_body", f"A number has more than {MAX_DIGITS} digits.")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise Problem("malformed_body", "A number is too large.")
    return number
