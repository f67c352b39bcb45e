"""Finding students."""

import pytest

from tests.app.visitors import Visitor, refused_cursors
from tests.school import School

PATH = "/api/admin/students"


@pytest.fixture
def students(school: School) -> list[int]:
    return [
        school.person(name="Ann 100% Ölk", email="first@one.example", locale="de"),
        school.person(name="Bea_B", email="SECOND@two.example"),
        school.person(name="Cem\\/", email="third@two.example"),
    ]


def test_a_student_is_shown_with_zone_and_language(staff: Visitor, students: list[int]) -> None:
    assert staff.items(PATH, q="ann")[0] == {
        "id": students[0],
        "name": "Ann 100% Ölk",
        "email": "first@one.example",
        "timeZone": "UTC",
        "locale": "de",
    }


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("ölk", [0]),
        ("ÖLK", [0]),
        ("second@", [1]),
        ("TWO.EXAMPLE", [1, 2]),
        ("%", [0]),
        ("_", [1]),
        ("\\", [2]),
        ("/", [2]),
        ("e%a", []),
        ("'; DROP TABLE booking; --", []),
        ("x" * 100, []),
    ],
)
def test_students_are_found_by_what_their_name_or_address_contains(
    staff: Visitor, students: list[int], q: str, found: list[int]
) -> None:
    assert staff.ids(PATH, q=q) == [students[place] for place in found]


def test_students_are_listed_page_by_page_and_nobody_else_is(
    staff: Visitor, teacher: Visitor, admin: Visitor, students: list[int]
) -> None:
    assert [page["items"][0]["id"] for page in staff.pages(PATH)] == students
    assert [page["items"][0]["id"] for page in staff.pages(PATH, q="two")] == students[1:]


def test_what_isnt_a_place_among_students_is_refused(staff: Visitor, students: list[int]) -> None:
    refused_cursors(staff, PATH)
