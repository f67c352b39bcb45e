"""How a report is answered: as JSON, or its lines as a CSV file."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask import Response, jsonify

from app.api.blueprint import ApiBlueprint, Decorator
from app.api.csv_cells import csv_attachment, csv_text
from app.api.header_docs import CONTENT_DISPOSITION
from app.api.problem import Problem
from app.api.schemas.staff.reports import ReportSchema
from models.analytics.reading import MOST_LINES
from models.analytics.report import By, Report
from models.refusal import RefusalCode

View = TypeVar("View", bound=Callable[..., Any])
Shapes = Mapping[By, ReportSchema]

_CODES = "refusalsByCode"


def answer_report(
    subject: str, query: dict[str, Any], report: Report[Any, Any], shapes: Shapes
) -> Response:
    """Answer a report in the form that was asked for; raises Problem 422 if it is too long."""
    if len(report.lines) > MOST_LINES:
        sentence = f"Makes more than {MOST_LINES} lines. Ask for less time, or by week."
        raise Problem("invalid_fields", errors={"by": [sentence]})
    shape = shapes[report.by]
    document: Any = shape.dump(report)
    if query["format"] == "json":
        return jsonify(document)
    rows = [_spread(line) for line in document["items"]]
    header = list(_spread({column: {} for column in _columns(shape)}))
    text = csv_text(header, (row.values() for row in rows))
    return csv_attachment(text, f"{subject}-by-{report.by}-{report.span.start:%Y-%m-%d}.csv")


def _columns(shape: ReportSchema) -> list[str]:
    items: Any = shape.fields["items"]
    return [field.data_key or name for name, field in items.inner.schema.fields.items()]


def _spread(line: dict[str, Any]) -> dict[str, Any]:
    """A cell for each refusal code instead of one for all of them."""
    if _CODES not in line:
        return line
    counts = line[_CODES]
    cells = {column: value for column, value in line.items() if column != _CODES}
    return cells | {code.value: counts.get(code, 0) for code in RefusalCode}


def documents_report(blueprint: ApiBlueprint, shapes: Shapes) -> Decorator:
    """Document the answer that every report has; stands right under the route."""
    forms = {
        "application/json": {"schema": {"oneOf": list(shapes.values())}},
        "text/csv": {"schema": {"type": "string"}},
    }
    answer = {
        "description": "The report; as CSV only its lines.",
        "headers": {"Content-Disposition": CONTENT_DISPOSITION},
        "content": forms,
    }

    def decorator(view: View) -> View:
        return blueprint.doc(responses={200: answer})(view)

    return decorator
