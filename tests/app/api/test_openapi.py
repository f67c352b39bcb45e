"""The OpenAPI document and the page made of it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.app.api.probe_app import probe_app

PLAN_SHAPES = {
    "BookStepSessionRequest",
    "Booking",
    "BulkBookSessionsRequest",
    "BulkCourseStepBookingResponse",
    "CancelStepBookingRequest",
    "ChangeStepSessionRequest",
    "CancelStepBookingResponse",
    "CourseStepBookingResponse",
    "CourseStepSessionOption",
    "Enrolment",
    "Job",
    "Problem",
    "Progress",
    "StepSelection",
    "UnbookedCourseStep",
}
STEP = "/api/students/me/course-packages/{packageId}/steps/{stepId}"
STUDENT_SUBMITS = [
    ("post", f"{STEP}/book-session", "BookStepSessionRequest"),
    ("post", f"{STEP}/change-session", "ChangeStepSessionRequest"),
    ("delete", f"{STEP}/booking", "CancelStepBookingRequest"),
    ("post", f"{STEP}/waitlist", "JoinWaitlistRequest"),
    ("delete", f"{STEP}/waitlist", "NoBody"),
    (
        "post",
        "/api/students/me/course-packages/{packageId}/book-sessions",
        "BulkBookSessionsRequest",
    ),
]
STAFF_SUBMITS = [
    ("post", "/api/admin/group-classes/{classId}/sessions", "AddSessionRequest"),
    ("post", "/api/admin/sessions/{sessionId}/cancel", "CancelSessionRequest"),
    ("post", "/api/admin/sessions/{sessionId}/move", "MoveSessionRequest"),
    ("post", "/api/admin/sessions/{sessionId}/capacity", "SetCapacityRequest"),
    ("post", "/api/admin/sessions/{sessionId}/attendance", "MarkAttendanceRequest"),
    ("post", "/api/admin/bookings/{bookingId}/change", "StaffChangeRequest"),
    ("post", "/api/admin/bookings/{bookingId}/cancel", "StaffCancelRequest"),
    ("post", "/api/admin/packages/{packageId}/cancel", "CancelPackageRequest"),
    ("post", "/api/admin/jobs/{jobId}/retry", "NoBody"),
]
CHANGE = "/api/mine/packages/{packageId}/steps/{stepId}/change-session"


@pytest.fixture(scope="module")
def document(open_client: FlaskClient) -> dict[str, Any]:
    return open_client.get("/api/openapi.json").json


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from references(inner)


def followed(document: dict[str, Any], reference: str) -> Any:
    for part in reference.removeprefix("#/").split("/"):
        document = document[part]
    return document


def test_it_is_openapi_3_1_and_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    assert all(followed(document, reference) for reference in references(document))


def test_the_shapes_have_the_names_of_the_plan(document: dict[str, Any]) -> None:
    shapes = document["components"]["schemas"]

    assert set(shapes) >= PLAN_SHAPES
    assert not [name for name in shapes if name[-1].isdigit()]


def test_paths_name_their_parameters_as_the_contract_does(document: dict[str, Any]) -> None:
    parameters = document["paths"][CHANGE]["parameters"]

    assert [parameter["name"] for parameter in parameters] == ["packageId", "stepId"]
    assert parameters[0]["schema"] == {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}


def test_a_submit_lists_all_its_answers_and_headers(document: dict[str, Any]) -> None:
    operation = document["paths"][CHANGE]["post"]

    assert set(operation["responses"]) == {
        *("200", "201", "202", "400", "401", "404", "405", "413", "414", "415", "422", "429"),
        *("431", "500", "503", "default"),
    }
    assert set(operation["responses"]["202"]["headers"]) == {
        "ETag",
        "Location",
        "Retry-After",
        "Preference-Applied",
        "Idempotency-Replayed",
        "X-Request-Id",
    }
    assert [parameter["name"] for parameter in operation["parameters"]] == [
        "Idempotency-Key",
        "Prefer",
    ]


@pytest.mark.parametrize(("method", "path", "shape"), STUDENT_SUBMITS + STAFF_SUBMITS)
def test_each_submit_of_the_product_is_described_whole(
    document: dict[str, Any], method: str, path: str, shape: str
) -> None:
    operation = document["paths"][path][method]
    statuses = {
        *("200", "201", "202", "400", "401", "404", "405", "413", "414", "415", "422", "429"),
        *("431", "500", "503", "default"),
    }
    statuses |= {"403"} if path.startswith("/api/admin") else set()
    statuses |= {"409"} if path.endswith("/retry") else set()
    assert set(operation["responses"]) == statuses
    headers = {"ETag", "Location", "Preference-Applied", "Idempotency-Replayed", "X-Request-Id"}
    for status in ("200", "201", "202"):
        answer = operation["responses"][status]
        assert set(answer["headers"]) - {"Retry-After"} == headers
        assert ("Retry-After" in answer["headers"]) == (status == "202")
        assert answer["content"]["application/json"]["schema"] == reference("Job")
    named = [parameter["name"] for parameter in operation["parameters"]]
    assert named == ["Idempotency-Key", "Prefer"]
    body = operation["requestBody"]
    assert body["content"] == {"application/json": {"schema": reference(shape)}}
    assert body.get("required", False) == (shape not in {"NoBody", "CancelStepBookingRequest"})


def test_a_booking_of_staff_is_one_of_two_shapes(document: dict[str, Any]) -> None:
    operation = document["paths"]["/api/admin/bookings"]["post"]
    body, shapes = operation["requestBody"], document["components"]["schemas"]
    both = ["StaffStepBookingRequest", "StaffSeatBookingRequest"]

    assert body["required"] is True
    assert body["content"] == {
        "application/json": {"schema": {"oneOf": [reference(name) for name in both]}}
    }
    assert all(shapes[name]["additionalProperties"] is False for name in both)
    assert shapes[both[1]]["properties"]["bookingType"]["enum"] == ["DROP_IN", "WORKSHOP"]
    assert "404" not in operation["responses"]
    assert {"400", "401", "403", "415", "422", "429", "503"} <= set(operation["responses"])


def test_a_report_is_one_of_its_shapes_or_a_file(document: dict[str, Any]) -> None:
    operation = document["paths"]["/api/admin/analytics/no-shows"]["get"]
    answer, shapes = operation["responses"]["200"], document["components"]["schemas"]

    assert answer["content"] == {
        "application/json": {
            "schema": {"oneOf": [reference("NoShowsByWeek"), reference("NoShowsByClass")]}
        },
        "text/csv": {"schema": {"type": "string"}},
    }
    assert set(answer["headers"]) == {"Content-Disposition", "X-Request-Id"}
    assert {"401", "403", "405", "422", "503"} <= set(operation["responses"])
    assert [parameter["name"] for parameter in operation["parameters"]] == [
        *("from", "to", "timeZone", "format", "by", "groupClassId")
    ]
    assert shapes["NoShowsByWeek"]["properties"]["by"]["enum"] == ["week"]
    assert set(shapes["NoShowsOfWeek"]["required"]) == set(shapes["NoShowsOfWeek"]["properties"])


def reference(shape: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{shape}"}


def test_every_error_is_a_problem(document: dict[str, Any]) -> None:
    for path in document["paths"].values():
        for method, operation in path.items():
            if method == "parameters":
                continue
            for status, answer in operation["responses"].items():
                if status == "default" or (status[0] in "45" and "$ref" in answer):
                    described = followed(document, answer["$ref"])
                    assert list(described["content"]) == ["application/problem+json"]


def test_errors_describe_their_headers(document: dict[str, Any]) -> None:
    answers = document["components"]["responses"]

    assert "WWW-Authenticate" in answers["UNAUTHORIZED"]["headers"]
    assert "Retry-After" in answers["TOO_MANY_REQUESTS"]["headers"]
    assert "Retry-After" in answers["SERVICE_UNAVAILABLE"]["headers"]


def test_a_polled_answer_describes_its_etag(document: dict[str, Any]) -> None:
    operation = document["paths"]["/api/mine/jobs/{jobId}"]["get"]

    assert set(operation["responses"]) >= {"200", "304", "401", "404"}
    assert "ETag" in operation["responses"]["200"]["headers"]
    assert operation["responses"]["200"]["content"]["application/json"]


def test_a_token_is_needed_except_where_a_view_is_public(document: dict[str, Any]) -> None:
    assert document["security"] == [{"bearer": []}]
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert document["paths"]["/healthz"]["get"]["security"] == []
    assert "security" not in document["paths"][CHANGE]["post"]


def test_request_shapes_refuse_unknown_fields_and_answers_may_grow(
    document: dict[str, Any],
) -> None:
    shapes = document["components"]["schemas"]

    assert shapes["BookStepSessionRequest"]["additionalProperties"] is False
    assert shapes["BookStepSessionRequest"]["properties"]["sessionId"]["type"] == [
        "integer",
        "null",
    ]
    assert "additionalProperties" not in shapes["Job"]
    assert set(shapes["Job"]["required"]) == set(shapes["Job"]["properties"])


def test_a_jobs_result_is_one_of_the_shapes_it_can_have(document: dict[str, Any]) -> None:
    options = document["components"]["schemas"]["Job"]["properties"]["result"]["anyOf"]

    assert {"$ref": "#/components/schemas/CourseStepBookingResponse"} in options
    assert {"$ref": "#/components/schemas/DryRunResponse"} in options
    assert {"type": "null"} in options


def test_the_page_shows_every_call_and_shape_and_loads_nothing_from_elsewhere(
    open_client: FlaskClient, document: dict[str, Any]
) -> None:
    page = open_client.get("/api/docs")

    assert all(path in page.text for path in document["paths"])
    assert all(f'id="shape-{name}"' in page.text for name in document["components"]["schemas"])
    assert "<script" not in page.text
    assert "//" not in page.text.replace("<!doctype", "").replace("http://127.0.0.1", "")
    assert "style-src 'self'" in page.headers["Content-Security-Policy"]


def test_the_page_says_what_type_each_value_has(open_client: FlaskClient) -> None:
    page = re.sub(r"<[^>]+>|\s+", " ", open_client.get("/api/docs").text)
    page = re.sub(r"\s+", " ", page)

    assert "packageId in path: integer, required" in page
    assert "taskId string or null" in page
    assert "options array of CourseStepSessionOption" in page
    assert "submittedAt string (date-time)" in page
    assert 'status "QUEUED" | "SUCCEEDED"' in page.replace("&#34;", '"')


def test_the_pages_style_sheet_is_served(open_client: FlaskClient) -> None:
    answer = open_client.get("/api/docs/assets/docs.css")

    assert (answer.status_code, answer.mimetype) == (200, "text/css")


def test_the_document_is_the_same_for_every_application(document: dict[str, Any]) -> None:
    again = probe_app().test_client().get("/api/openapi.json").json

    assert json.dumps(again) == json.dumps(document)


def test_the_products_own_calls_name_their_headers_parameters_and_operations(
    document: dict[str, Any],
) -> None:
    one_job = document["paths"]["/api/jobs/{jobId}"]["get"]
    own_jobs = document["paths"]["/api/jobs"]["get"]

    assert [p["name"] for p in one_job["parameters"]] == ["Prefer", "If-None-Match"]
    assert set(one_job["responses"]["304"]["headers"]) >= {"ETag", "Preference-Applied"}
    assert [p["name"] for p in own_jobs["parameters"]] == [
        *("status", "cursor", "limit", "If-None-Match")
    ]
    operations = [
        operation
        for path in document["paths"].values()
        for method, operation in path.items()
        if method != "parameters"
    ]
    ids = [operation["operationId"] for operation in operations]
    assert len(set(ids)) == len(ids)
    assert all("405" in operation["responses"] for operation in operations)
    assert {"/api/docs", "/api/openapi.json"} <= set(document["paths"])
