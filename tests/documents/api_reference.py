"""`make api-docs`: the calls and shapes of docs/api.md, made anew from the OpenAPI document."""

import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from app.api.openapi import ALWAYS
from app.api.problem import KINDS
from app.api.schemas.jobs import RESULT_SCHEMAS
from app.settings import CHECKOUT
from tests.client.declarations import api_document

PAGE = CHECKOUT / "docs/api.md"
BEGINNING = "<!-- from here on: `make api-docs` -->\n"
WIDTH = 100

AUDIENCES = {
    "Calls of students": ("/api/students/", "/api/jobs", "/api/calendar/", "/api/unsubscribe/"),
    "Calls of staff": ("/api/admin/",),
    "Around it": ("/",),
}
USUAL = {str(status.value) for status in ALWAYS} | {"401", "503", "default"}
OF_BODIES = {"400", "415", "422"}
OF_SUBMITS = {"200", "201", "202", "404", "429", *OF_BODIES}
WORDS = {"date-time": "Instant", "date": "Day", "uuid": "Uuid"}

REPORT = {"from", "to", "timeZone", "by", "items", "total"}
NO_SHAPES = "Request", "PaginationMetadata", "NoBody"
SMALLEST_PART = 6
"""How many fields a shape has at least that others are said to be made of."""
ABOUT_SHAPES = """\
An `Id` is a positive integer below 2^63, an `Instant` RFC 3339 in UTC with a `Z`, a `Day` like
`2026-03-29`. Clients have to expect further fields.
"""
COMMON_SHAPES = """\
type Id = number; type Instant = string; type Day = string; type Uuid = string;
type List<Item> = { items: Item[], next: string | null };
type Report<By, Line, Total> = { from: Instant, to: Instant, timeZone: string, by: By,
  items: Line[], total: Total };"""
ABOUT_PROBLEMS = """\
`/api/docs` has the sentence of each. Codes of refused jobs: [booking rules](booking-rules.md).
"""

Json = Mapping[str, Any]


def reference(document: Json) -> str:
    """What the page has below its mark: every call, every shape and every code, as Markdown."""
    parts = [_calls(document, title) for title in AUDIENCES]
    return "\n".join([*parts, _shapes(document), _results(), _problems()])


def written(page: str, document: Json) -> str:
    """The page with its lower part made anew."""
    by_hand, mark, _ = page.partition(BEGINNING)
    return by_hand + mark + "\n" + reference(document)


def _calls(document: Json, title: str) -> str:
    calls = [
        _call(document, method, path, operation)
        for path, operations in document["paths"].items()
        if _audience(path) == title
        for method, operation in operations.items()
        if method != "parameters"
    ]
    return f"## {title}\n\n" + "\n".join(calls)


def _audience(path: str) -> str:
    return next(title for title, begins in AUDIENCES.items() if path.startswith(begins))


def _call(document: Json, method: str, path: str, operation: Json) -> str:
    sentences = " ".join(filter(None, [operation["summary"], operation.get("description")]))
    no_token = [" · no token needed"] if operation.get("security") == [] else []
    lines = [
        f"**`{method.upper()} {path}`**",
        _wrapped(sentences),
        *_bodies(document, operation),
        "".join([*_query(operation), "→ ", _answers(document, operation), *no_token]),
    ]
    return "<br>\n".join(lines) + "\n"


def _query(operation: Json) -> Iterator[str]:
    names = [
        parameter["name"] + ("" if parameter.get("required") else "?")
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query"
    ]
    if names:
        yield f"query: `{' '.join(names)}` "


def _bodies(document: Json, operation: Json) -> Iterator[str]:
    schema = _body(operation)
    if not schema or _name(schema) == "NoBody":
        return
    choices = schema.get("oneOf") or schema.get("anyOf") or [schema]
    shapes = [f"`{_fields(_followed(document, choice))}`" for choice in choices]
    if not operation["requestBody"].get("required"):
        shapes.append("none")
    yield "body: " + " or ".join(shapes).replace(" | null", "")


def _body(operation: Json) -> Json:
    content: Json = operation.get("requestBody", {}).get("content", {})
    schema: Json = content.get("application/json", {}).get("schema", {})
    return schema


def _answers(document: Json, operation: Json) -> str:
    responses = operation["responses"]
    usual = USUAL | (OF_BODIES if _body(operation) else set())
    first = []
    if "202" in responses and _names_a_job(responses["202"]):
        first, usual = ["a job"], usual | OF_SUBMITS
        assert set(responses) >= OF_SUBMITS - {"404"}
    others = [status for status in sorted(responses) if status not in usual]
    shown = [_answer(document, status, responses[status]) for status in others]
    return ", ".join([*first, *shown])


def _names_a_job(answer: Json) -> bool:
    schema = answer["content"]["application/json"]["schema"]
    return _name(schema) in {"Job", "StaffJob"}


def _answer(document: Json, status: str, answer: Any) -> str:
    content = answer.get("content", {}) if int(status) < 300 else {}
    shapes = [
        f"`{_answered(document, inner['schema'])}`" if kind == "application/json" else f"`{kind}`"
        for kind, inner in content.items()
    ]
    return " ".join([status, " or ".join(shapes)]) if shapes else status


def _answered(document: Json, schema: Json) -> str:
    return _list(_followed(document, schema)) or _type(schema)


def _list(schema: Json) -> str | None:
    """What a page of a list is called; it has no shape of its own here."""
    fields = schema.get("properties", {})
    if fields.keys() != {"items", "next"} or fields["next"]["type"] != ["string", "null"]:
        return None
    return f"List<{_type(fields['items']['items'])}>"


def _shapes(document: Json) -> str:
    shapes = document["components"]["schemas"]
    shown = [name for name in shapes if not name.endswith(NO_SHAPES) and not _list(shapes[name])]
    lines = [_folded(f"type {name} = {_shape(shapes, name)};") for name in shown]
    return "\n".join(["## Shapes\n", ABOUT_SHAPES, "```ts", COMMON_SHAPES, *lines, "```\n"])


def _shape(shapes: Json, name: str) -> str:
    """A shape, by those that it is made of where that is shorter."""
    fields = shapes[name].get("properties", {})
    if fields.keys() == REPORT:
        parts = fields["by"], fields["items"]["items"], fields["total"]
        return f"Report<{', '.join(map(_type, parts))}>"
    part = _largest_part(shapes, name)
    if part is None:
        return _fields(shapes[name])
    rest = {key: field for key, field in fields.items() if key not in shapes[part]["properties"]}
    return f"{part} & {_fields({**shapes[name], 'properties': rest})}"


def _largest_part(shapes: Json, name: str) -> str | None:
    fields = shapes[name].get("properties", {}).items()
    parts = {
        other: len(inner)
        for other, shape in shapes.items()
        if (inner := shape.get("properties", {}).items())
        and SMALLEST_PART <= len(inner) < len(fields)
        and all(field in fields for field in inner)
    }
    return max(parts, key=lambda other: parts[other], default=None)


def _folded(line: str) -> str:
    """A line of code in several, each field with its type in one, where it fits."""
    together = re.sub(r"(\w+\??): (?=[^ ])", "\\1:\N{NO-BREAK SPACE}", line)
    folded = textwrap.fill(
        together, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    return folded.replace("\N{NO-BREAK SPACE}", " ")


def _fields(schema: Json) -> str:
    needed = schema.get("required", [])
    inner = [
        f"{name}{'' if name in needed else '?'}: {_type(field)}"
        for name, field in schema.get("properties", {}).items()
    ]
    return "{ " + ", ".join(inner) + " }"


def _type(schema: Json) -> str:
    if "$ref" in schema:
        return _name(schema)
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return " | ".join(_type(choice) for choice in choices)
    if "enum" in schema:
        return " | ".join("null" if value is None else f'"{value}"' for value in schema["enum"])
    kinds = schema.get("type", "any")
    if isinstance(kinds, list):
        return " | ".join(_type({**schema, "type": kind}) for kind in kinds)
    return _plain_type(kinds, schema)


def _plain_type(kind: str, schema: Json) -> str:
    if kind == "array":
        inner = _type(schema["items"])
        return f"({inner})[]" if " | " in inner else f"{inner}[]"
    if kind == "object":
        values = schema.get("additionalProperties")
        return f"Record<string, {_type(values) if values else 'unknown'}>"
    if kind == "integer":
        return "Id" if schema.get("maximum", 0) >= 2**62 and schema.get("minimum") else "number"
    return WORDS.get(schema.get("format", ""), kind) if kind == "string" else kind


def _results() -> str:
    kinds: dict[str, list[str]] = {}
    for kind, schema in RESULT_SCHEMAS.items():
        kinds.setdefault(schema.__name__.removesuffix("Schema"), []).append(f"`{kind}`")
    rows = [f"| {', '.join(names)} | `{shape}` |" for shape, names in kinds.items()]
    return "\n".join(["## Results of jobs\n", "| kind | `result` |", "|---|---|", *rows, ""])


def _problems() -> str:
    codes: dict[int, list[str]] = {}
    for code, kind in KINDS.items():
        codes.setdefault(kind.status, []).append(f"`{code}`")
    rows = [f"| {status} | {', '.join(codes[status])} |" for status in sorted(codes)]
    return "\n".join(
        ["## Problems\n", ABOUT_PROBLEMS, "| status | `code` |", "|---|---|", *rows, ""]
    )


def _name(schema: Json) -> str:
    return str(schema.get("$ref", "")).rsplit("/", 1)[-1]


def _followed(document: Json, schema: Json) -> Json:
    return document["components"]["schemas"][_name(schema)] if "$ref" in schema else schema


def _wrapped(words: str) -> str:
    return textwrap.fill(re.sub(r"\s+", " ", words), WIDTH, break_on_hyphens=False)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8"), api_document()), "utf-8")
