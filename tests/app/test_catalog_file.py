import json
from pathlib import Path
from typing import Any

import pytest

from app.catalog_file import read_catalog, read_document
from models.importing.fault import CatalogFaults
from tests.catalogs import small_catalog


def faults_of_shape(document: Any) -> list[str]:
    return [str(fault) for fault in read_catalog(document)[1]]


def fault_of_file(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(CatalogFaults) as found:
        read_document(path)
    return str(found.value.faults[0])


def test_a_good_catalog_has_no_faults() -> None:
    catalog, faults = read_catalog(small_catalog())
    assert faults == []
    assert len(catalog) == 15


def test_a_session_without_a_capacity_takes_its_classs() -> None:
    catalog, _ = read_catalog(small_catalog())
    assert [row.capacity_max for row in catalog.sessions] == [5, 5, 9]


def test_null_in_an_optional_field_means_absent() -> None:
    document = small_catalog()
    document["programs"][0]["bookingOpensAt"] = None
    document["packages"][0]["status"] = None
    assert faults_of_shape(document) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "$: is not JSON: line 1 column 1: Expecting value"),
        (b'{"users": [}', "$: is not JSON: line 1 column 12: Expecting value"),
        (b'{"users": NaN}', "$: has NaN, which is not JSON"),
        (b"[" * 100_000, "$: is nested too deep"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "$: has a number that is too long"),
        (b'{"a": "\xff"}', "$: is not UTF-8: byte 7 doesn't fit"),
    ],
)
def test_a_file_that_is_no_json_is_told_so_in_one_line(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    assert fault_of_file(tmp_path / "catalog.json", content) == reason


@pytest.mark.parametrize("document", [[], None, "x", 7])
def test_a_document_that_is_no_object_is_a_fault(document: Any) -> None:
    assert faults_of_shape(document) == ["$: must be an object"]


def test_a_key_that_comes_twice_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "catalog.json"
    path.write_text('{"users": [{"id": 1, "id": 2}], "users": []}')
    assert "$.users: is there twice" in faults_of_shape(read_document(path))


def test_what_is_wrong_in_each_of_two_lists_of_one_name_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "catalog.json"
    path.write_text('{"users": [], "packages": [{"id": 0}], "packages": [{"id": 1, "fee": 2}]}')
    faults = faults_of_shape(read_document(path))
    assert "$.packages: is there twice" in faults
    assert "$.packages[0].id: must be from 1 to 9223372036854775807" in faults
    assert "$.packages[1].fee: is not a known field" in faults


def test_unknown_fields_are_faults_and_cannot_forge_a_line() -> None:
    document = {"users": [], "price": 1, "a\nb": 2}
    assert faults_of_shape(document) == [
        "$.price: is not a known field",
        '$["a\\nb"]: is not a known field',
    ]


@pytest.mark.parametrize("wrong", [-1, 0, 2**63, 10**30, True, 1.0, "7", [], {}])
def test_an_id_is_a_whole_number_from_1_to_2_to_the_63(wrong: Any) -> None:
    document = small_catalog()
    document["users"][1]["id"] = wrong
    assert [line.partition(":")[0] for line in faults_of_shape(document)] == ["$.users[1].id"]


@pytest.mark.parametrize(
    "wrong",
    [
        "2040-01-02T10:00:00",
        "2040-01-02",
        "2040-02-30T10:00:00Z",
        "2040-01-02T24:00:01Z",
        "0001-01-01T00:00:00+14:00",
        "1969-12-31T23:59:59Z",
        "9999-12-31T23:59:59-05:00",
        "9998-01-01T10:00:00Z",
        "2200-01-01T00:00:00Z",
        "next Monday",
        1_700_000_000,
        True,
    ],
)
def test_an_instant_has_an_offset_and_exists(wrong: Any) -> None:
    document = small_catalog()
    document["groupClasses"][0]["sessions"][0]["startAt"] = wrong
    paths = [line.partition(":")[0] for line in faults_of_shape(document)]
    assert paths == ["$.groupClasses[0].sessions[0].startAt"]


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("email", "no-at-sign"),
        ("email", "a@b.example\r\nBcc: all@b.example"),
        ("email", "Ana <ana@b.example>"),
        ("email", "x" * 65 + "@b.example"),
        ("name", "Ana\r\nBcc: x"),
        ("name", "Ana\x00"),
        ("name", "Ana\ud800"),
        ("name", "   "),
        ("name", "x" * 201),
        ("role", "BOSS"),
        ("role", ["STUDENT"]),
        ("timeZone", "Mars/Olympus"),
        ("timeZone", "../../etc/passwd"),
        ("locale", "deutsch!"),
    ],
)
def test_what_a_user_has_is_checked(field: str, wrong: Any) -> None:
    document = small_catalog()
    document["users"][1][field] = wrong
    paths = [line.partition(":")[0] for line in faults_of_shape(document)]
    assert paths == [f"$.users[1].{field}"]


def test_an_end_before_its_start_and_a_negative_capacity_are_faults() -> None:
    document = small_catalog()
    document["groupClasses"][0]["capacityMax"] = -1
    document["groupClasses"][0]["sessions"][0]["endAt"] = "2040-01-01T00:00:00Z"
    assert faults_of_shape(document) == [
        "$.groupClasses[0].capacityMax: must be from 0 to 1000000",
        "$.groupClasses[0].sessions[0].endAt: must be after startAt",
    ]


def test_every_missing_field_is_named(tmp_path: Path) -> None:
    path = tmp_path / "catalog.json"
    path.write_text(json.dumps({"packages": [{}]}))
    assert faults_of_shape(read_document(path)) == [
        f"$.packages[0].{field}: is required"
        for field in ("id", "userId", "cohortId", "packageName")
    ]
