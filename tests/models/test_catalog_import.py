from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, text

from models.deciding import decide_lane
from models.importing.writing import Counts
from models.invariants import check_invariants
from models.lanes import lane_of
from models.personal.erasing import erase_person
from models.round import Decider
from tests.catalogs import bring_in, faults_of, session, small_catalog, step, user
from tests.school import School


def rows(engine: Engine, query: str) -> list[tuple[Any, ...]]:
    with engine.connect() as db:
        return [tuple(row) for row in db.execute(text(query))]


@pytest.fixture
def booked(engine: Engine, school: School, decider: Decider) -> dict[str, Any]:
    """A catalog whose session 2, in the future, holds one booking."""
    document = small_catalog()
    bring_in(engine, document)
    school.submit(2, 1, 1, 1)
    assert decide_lane(decider, lane_of(1)).decided == 1
    assert rows(engine, "SELECT id FROM session WHERE seats_taken = 1") == [(2,)]
    return document


def test_a_new_catalog_is_written_and_counted(engine: Engine) -> None:
    assert bring_in(engine, small_catalog()) == {
        "users": Counts(2, 0, 0),
        "groupClasses": Counts(2, 0, 0),
        "sessions": Counts(3, 0, 0),
        "programs": Counts(1, 0, 0),
        "steps": Counts(2, 0, 0),
        "options": Counts(2, 0, 0),
        "cohorts": Counts(1, 0, 0),
        "pins": Counts(1, 0, 0),
        "packages": Counts(1, 0, 0),
        "progress": Counts(2, 0, 0),
    }
    assert rows(engine, "SELECT start_at FROM session WHERE id = 1") == [
        (datetime(2040, 1, 2, 9, tzinfo=UTC),)
    ]


def test_a_second_import_changes_nothing(engine: Engine) -> None:
    bring_in(engine, small_catalog())
    counts = bring_in(engine, small_catalog())
    assert {(count.new, count.changed) for count in counts.values()} == {(0, 0)}


def test_changes_are_written_and_rows_that_are_absent_are_kept(engine: Engine) -> None:
    bring_in(engine, small_catalog())
    change = {"users": [user(2, "STUDENT", "new@school.example")]}
    counts = bring_in(engine, change)
    assert counts["users"] == Counts(0, 1, 0)
    assert rows(engine, "SELECT email FROM user_account ORDER BY id") == [
        ("tea@school.example",),
        ("new@school.example",),
    ]


def test_a_step_that_comes_later_gets_a_progress_row_for_every_package(engine: Engine) -> None:
    bring_in(engine, small_catalog())
    program = {"id": 1, "title": "Calm", "steps": [step(3, 3)]}
    assert bring_in(engine, {"programs": [program]})["progress"] == Counts(1, 0, 0)
    assert rows(
        engine,
        "SELECT course_step_id, status FROM student_course_step_progress ORDER BY course_step_id",
    ) == [(1, "UNBOOKED"), (2, "UNBOOKED"), (3, "UNBOOKED")]


def test_ids_drawn_afterwards_come_after_those_of_the_file(engine: Engine) -> None:
    bring_in(engine, small_catalog())
    for table, highest in (("session", 3), ("user_account", 2), ("student_package", 1)):
        drawn = rows(engine, f"SELECT nextval(pg_get_serial_sequence('{table}', 'id'))")
        assert drawn == [(highest + 1,)]


def test_the_largest_id_of_all_leaves_ids_to_draw(engine: Engine) -> None:
    bring_in(engine, {"users": [user(2**63 - 1, "STAFF", "last@school.example")]})
    assert rows(engine, "SELECT nextval(pg_get_serial_sequence('user_account', 'id'))") == [(1,)]


def test_two_users_may_exchange_addresses_and_two_steps_places(engine: Engine) -> None:
    document = small_catalog()
    bring_in(engine, document)
    one, other = document["users"]
    one["email"], other["email"] = other["email"], one["email"]
    first, second = document["programs"][0]["steps"]
    first["order"], second["order"] = second["order"], first["order"]
    counts = bring_in(engine, document)
    assert counts["users"] == Counts(0, 2, 0)
    assert counts["steps"] == Counts(0, 2, 0)
    assert rows(engine, "SELECT step_order FROM course_step ORDER BY id") == [(2,), (1,)]


def test_an_absent_status_keeps_what_staff_did(engine: Engine) -> None:
    bring_in(engine, small_catalog())
    with engine.begin() as db:
        db.execute(text("UPDATE session SET status = 'CANCELLED' WHERE id = 1"))
        db.execute(text("UPDATE student_package SET status = 'CANCELLED'"))
    counts = bring_in(engine, small_catalog())
    assert counts["sessions"] == Counts(0, 0, 3)
    assert counts["packages"] == Counts(0, 0, 1)


def test_ten_faults_are_ten_lines_and_nothing_is_imported(engine: Engine) -> None:
    document = small_catalog()
    document["users"][0]["email"] = "nobody"
    document["users"][1]["timeZone"] = "Mars/Olympus"
    document["groupClasses"][0]["teacherId"] = 99
    document["groupClasses"][0]["sessions"][0]["endAt"] = "2040-01-02T08:00:00Z"
    document["groupClasses"][1]["capacityMax"] = -4
    document["programs"][0]["steps"][0]["options"][0]["groupClassId"] = 98
    document["programs"][0]["steps"][1]["price"] = 5
    document["cohorts"][0]["sessions"][0]["sessionId"] = 97
    document["packages"][0]["userId"] = 96
    document["packages"].append({**document["packages"][0], "userId": 2})
    assert faults_of(engine, document) == [
        "$.users[0].email: must be a mail address such as ana@school.example",
        "$.users[1].timeZone: must be a known IANA time zone such as Europe/Berlin",
        "$.groupClasses[0].sessions[0].endAt: must be after startAt",
        "$.groupClasses[0].teacherId: there is no user 99",
        "$.groupClasses[1].capacityMax: must be from 0 to 1000000",
        "$.programs[0].steps[0].options[0].groupClassId: there is no group class 98",
        "$.programs[0].steps[1].price: is not a known field",
        "$.cohorts[0].sessions[0].sessionId: there is no session 97",
        "$.packages[0].userId: there is no user 96",
        "$.packages[1].id: is already used by $.packages[0]",
    ]
    assert rows(engine, "SELECT count(*) FROM user_account") == [(0,)]


def test_addresses_are_unique_whatever_their_case(engine: Engine) -> None:
    bring_in(engine, {"users": [user(7, "STAFF", "Front@School.example")]})
    document = {
        "users": [
            user(8, "STAFF", "desk@school.example"),
            user(9, "STAFF", "DESK@school.example"),
            user(10, "STAFF", "front@school.example"),
        ]
    }
    assert faults_of(engine, document) == [
        "$.users[1].email: is already used by $.users[0]",
        "$.users[2].email: is already the address of user 7",
    ]


def test_places_and_options_are_unique_beside_stored_ones(engine: Engine) -> None:
    bring_in(engine, small_catalog())
    program = {
        "id": 1,
        "title": "Calm",
        "steps": [
            step(1, 1, {"id": 5, "groupClassId": 1}, {"id": 6, "groupClassId": 2}),
            step(9, 2),
        ],
    }
    assert faults_of(engine, {"programs": [program]}) == [
        "$.programs[0].steps[0].options[0].groupClassId: is already option 1 of this step",
        "$.programs[0].steps[1].order: is already the place of step 2",
    ]


def test_a_pin_fits_its_class_and_program(engine: Engine) -> None:
    document = small_catalog()
    document["cohorts"][0]["sessions"] = [{"courseStepOptionId": 1, "sessionId": 3}]
    document["programs"].append({"id": 2, "title": "Other", "steps": []})
    pin = {"courseStepOptionId": 2, "sessionId": 3}
    document["cohorts"].append({"id": 2, "programId": 2, "name": "Run", "sessions": [pin]})
    other_class = "session 3 belongs to group class 2, option 1 to group class 1"
    other_program = "option 2 belongs to program 1, the cohort to program 2"
    assert faults_of(engine, document) == [
        f"$.cohorts[0].sessions[0].sessionId: {other_class}",
        f"$.cohorts[1].sessions[0].courseStepOptionId: {other_program}",
    ]


def test_rows_keep_their_parents(engine: Engine) -> None:
    bring_in(engine, small_catalog())
    document = small_catalog()
    first, second = document["groupClasses"]
    second["sessions"].append(first["sessions"].pop(0))
    document["packages"][0]["userId"] = 1
    assert faults_of(engine, document) == [
        "$.groupClasses[1].sessions[1].id: session 1 belongs to group class 1 and stays there",
        "$.packages[0].userId: package 1 belongs to user 2 and stays there",
    ]


def test_a_booked_session_is_not_moved_cancelled_or_made_too_small(
    engine: Engine, booked: dict[str, Any]
) -> None:
    moved = session(2, "2040-01-10", capacityMax=0, status="CANCELLED")
    booked["groupClasses"][0]["sessions"][1] = moved
    place = "$.groupClasses[0].sessions[1]"
    assert faults_of(engine, booked) == [
        f"{place}.capacityMax: 0 is below the 1 seats taken",
        f"{place}.startAt: would move a session that has 1 bookings; staff move it",
        f"{place}.status: would cancel a session that has 1 bookings; staff cancel it",
    ]


def test_more_seats_and_a_new_name_are_no_fault_of_a_booked_session(
    engine: Engine, booked: dict[str, Any]
) -> None:
    booked["groupClasses"][0] |= {"capacityMax": 6, "name": "Hatha"}
    counts = bring_in(engine, booked)
    assert counts["sessions"] == Counts(0, 2, 1)
    assert rows(engine, "SELECT capacity_max, seats_taken FROM session WHERE id = 2") == [(6, 1)]


def test_an_unbooked_session_may_move(engine: Engine, booked: dict[str, Any]) -> None:
    booked["groupClasses"][0]["sessions"][0] = session(1, "2040-01-05")
    assert bring_in(engine, booked)["sessions"] == Counts(0, 1, 2)


def test_bookings_go_on_while_catalogs_change_their_classes(
    engine: Engine, school: School, decider: Decider
) -> None:
    document = small_catalog()
    document["cohorts"][0]["sessions"] = []
    document["groupClasses"][0]["capacityMax"] = 1000
    students = range(10, 50)
    document["users"] += [user(n, "STUDENT", f"s{n}@school.example") for n in students]
    document["packages"] = [
        {"id": n, "userId": n, "cohortId": 1, "packageName": "Calm"} for n in students
    ]
    bring_in(engine, document)
    with ThreadPoolExecutor(1) as pool:
        booking = pool.submit(book_for, school, decider, students)
        changes = 0
        while not booking.done():
            changes += 1
            document["groupClasses"][0]["capacityMax"] = 1000 + changes
            for person in document["users"]:
                person["name"] = f"Name {changes}"
            bring_in(engine, document)
    booking.result()
    assert changes > 1
    assert rows(engine, "SELECT sum(seats_taken) FROM session") == [(len(students),)]
    assert check_invariants(engine).violations == []


def book_for(school: School, decider: Decider, students: range) -> None:
    for student in students:
        school.submit(student, student, 1, 1)
        decide_lane(decider, lane_of(1))


def test_a_large_catalog_is_imported_in_seconds(engine: Engine) -> None:
    document = small_catalog()
    document["groupClasses"] = [
        {
            "id": number,
            "name": f"Class {number}",
            "teacherId": 1,
            "capacityMax": 10,
            "timeZone": "UTC",
            "sessions": [session(number * 100 + day, f"2040-01-{day:02}") for day in range(1, 21)],
        }
        for number in range(1, 501)
    ]
    document["cohorts"][0]["sessions"] = []
    before = datetime.now(UTC)
    assert bring_in(engine, document)["sessions"] == Counts(10_000, 0, 0)
    assert (datetime.now(UTC) - before).total_seconds() < 10


def test_nobody_who_was_erased_comes_back(
    engine: Engine, booked: dict[str, Any], decider: Decider
) -> None:
    erase_person(decider, 2)
    assert faults_of(engine, booked) == ["$.users[1].id: user 2 was erased"]
    without = {**booked, "users": booked["users"][:1]}
    assert bring_in(engine, without)["packages"] == Counts(0, 0, 1)
    another = {"id": 2, "userId": 2, "cohortId": 1, "packageName": "Calm"}
    again = {**without, "packages": [*booked["packages"], another]}
    assert faults_of(engine, again) == ["$.packages[1].userId: user 2 was erased"]
    theirs = [{**booked["groupClasses"][0], "teacherId": 2}, booked["groupClasses"][1]]
    assert faults_of(engine, {**without, "groupClasses": theirs}) == [
        "$.groupClasses[0].teacherId: user 2 was erased"
    ]
