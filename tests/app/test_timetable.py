import csv
import json
import os
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from app.catalog_file import read_catalog
from app.timetable import Conversion, Problem, UnreadableTimetable, convert, read_lines
from app.timetable.lines import COLUMNS
from app.timetable.meetings import next_monday
from models.invariants import check_invariants
from tests.catalogs import bring_in

MONDAY = date(2030, 9, 2)
Timetable = Callable[..., Path]


def line(**cells: str) -> dict[str, str]:
    return {
        "course": "YOGA-1000",
        "title": "YOGA",
        "type": "LEC",
        "section": "01",
        "crn": "1",
        "days": "M",
        "start": "9:00AM",
        "end": "10:00AM",
        "from": "2023-08-28",
        "until": "2023-09-10",
        "capacity": "10",
        "enrolled": "2",
        "location": "",
        "teacher": "T0001",
        **cells,
    }


@pytest.fixture
def timetable(tmp_path: Path) -> Timetable:
    def write(*lines: dict[str, str]) -> Path:
        path = tmp_path / "timetable.csv"
        rows = [",".join(COLUMNS), *(",".join(cells.values()) for cells in lines)]
        path.write_text("\n".join(rows) + "\n")
        return path

    return write


def converted(path: Path, starts: date = MONDAY) -> Conversion:
    lines, problems = read_lines(path)
    made = convert(lines, starts)
    made.problems += problems
    return made


def sessions_of(made: Conversion) -> list[dict[str, Any]]:
    return [row for group in made.catalog["groupClasses"] for row in group["sessions"]]


def enrolled(made: Conversion) -> Counter[int]:
    return Counter(row["courseStepOptionId"] for row in made.enrolments)


def test_a_course_becomes_a_program_with_a_step_a_class_and_dated_sessions(
    timetable: Timetable,
) -> None:
    made = converted(timetable(line(days="MR")))
    (program,) = made.catalog["programs"]
    assert program["title"] == "YOGA-1000 YOGA"
    assert [(step["label"], step["title"]) for step in program["steps"]] == [("LEC", "Lecture")]
    assert [row["startAt"] for row in sessions_of(made)] == [
        "2030-09-02T13:00:00Z",
        "2030-09-05T13:00:00Z",
        "2030-09-09T13:00:00Z",
        "2030-09-12T13:00:00Z",
    ]
    assert read_catalog(made.catalog)[1] == []
    assert made.problems == []


def test_the_cohort_pins_each_option_to_the_sections_first_meeting(timetable: Timetable) -> None:
    made = converted(timetable(line(days="F"), line(days="T")))
    (cohort,) = made.catalog["cohorts"]
    first = min(sessions_of(made), key=lambda row: row["startAt"])
    assert cohort["sessions"] == [{"courseStepOptionId": 1, "sessionId": first["id"]}]


def test_local_times_stay_the_same_across_the_clock_change(timetable: Timetable) -> None:
    made = converted(timetable(line(until="2023-12-20")), date(2023, 8, 28))
    hours = Counter(row["startAt"][11:] for row in sessions_of(made))
    # the clocks of New York went back on 5 November 2023
    assert hours == {"13:00:00Z": 10, "14:00:00Z": 7}


@pytest.mark.parametrize(
    ("start", "end", "starts"),
    [
        ("2:30AM", "3:30AM", date(2024, 3, 4)),  # skipped
        ("1:30AM", "2:30AM", date(2024, 10, 28)),  # twice
    ],
)
def test_a_meeting_at_a_time_that_the_clock_skips_or_repeats_is_listed(
    timetable: Timetable, start: str, end: str, starts: date
) -> None:
    made = converted(timetable(line(days="U", start=start, end=end)), starts)
    assert len(sessions_of(made)) == 1
    ((number, reason),) = made.problems
    assert number == 2
    assert reason.startswith("the clock is put forward or back; the meeting on 2024-")


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"days": "", "start": "", "end": ""}, "has no meetings: neither days nor times"),
        ({"days": ""}, "has no meetings: no days"),
        ({"start": "", "end": ""}, "has no meetings: no start and no end"),
        ({"days": "MX"}, "meets on 'MX', which are no days"),
        ({"days": "MM"}, "meets on 'MM', which are no days"),
        ({"start": "13:00PM"}, "has the time '13:00PM', which is none"),
        ({"end": "9:00AM"}, "ends at 9:00AM, before or when it starts (9:00AM)"),
        ({"from": "2023-02-30"}, "has the date '2023-02-30', which is none"),
        ({"until": "2023-08-01"}, "runs from 2023-08-28 until 2023-08-01"),
        ({"capacity": "-1"}, "has the capacity '-1', which is no number of seats"),
        ({"enrolled": "some"}, "has the enrolled 'some', which is no number of seats"),
        ({"crn": ""}, "has no crn"),
        ({"enrolled": "5001"}, "has 5001 enrolled, and no section has more than 5000"),
        ({"enrolled": "999999"}, "has 999999 enrolled, and no section has more than 5000"),
        ({"until": "2024-08-28"}, "runs from 2023-08-28 until 2024-08-28"),
        (
            {"days": "U", "until": "2023-09-02"},
            "meets on 'U', but not from 2023-08-28 until 2023-09-02",
        ),
        (
            {"title": "x" * 121},
            "has a title that can't be taken: it must not be longer than 120 characters",
        ),
        (
            {"teacher": "T1\x07"},
            (
                "has a teacher that can't be taken: it must not contain control characters,"
                " line breaks or half characters"
            ),
        ),
        ({"teacher": "T1,T2"}, "has 15 columns instead of 14"),
    ],
)
def test_a_line_that_makes_no_sense_is_listed_and_left_out(
    timetable: Timetable, cells: dict[str, str], reason: str
) -> None:
    made = converted(timetable(line(crn="7", section="02"), line(**cells)))
    assert made.problems == [Problem(3, f"{reason}; left out")]
    assert len(made.catalog["groupClasses"]) == 1


@pytest.mark.parametrize(
    ("first_day", "last_day"),
    [
        ("2003-08-28", "2003-12-20"),
        ("2022-08-29", "2022-12-20"),
        ("2024-08-28", "2024-12-20"),
        ("0001-08-28", "0001-12-20"),
        ("9999-08-28", "9999-12-20"),
        ("2024-06-01", "2024-08-30"),
    ],
)
def test_a_line_far_from_the_others_is_listed_and_left_out_and_moves_nothing(
    timetable: Timetable, first_day: str, last_day: str
) -> None:
    stray = line(crn="3", section="03", **{"from": first_day, "until": last_day})
    made = converted(timetable(stray, line(), line(crn="2", section="02")))
    dates = f"runs from {first_day} until {last_day}"
    reason = f"{dates}, far from the others (around 2023-08-28); left out"
    assert made.problems == [Problem(2, reason)]
    assert made.lines_taken == 2
    assert min(row["startAt"] for row in sessions_of(made)) == "2030-09-02T13:00:00Z"
    assert len(sessions_of(made)) == 4


def test_a_summer_course_beside_an_autumn_semester_is_kept(timetable: Timetable) -> None:
    summer = line(crn="3", section="03", **{"from": "2023-05-22", "until": "2023-06-30"})
    made = converted(timetable(line(), line(crn="2", section="02"), summer))
    assert made.problems == []
    assert min(row["startAt"] for row in sessions_of(made)) == "2030-09-02T13:00:00Z"


def test_a_crn_that_is_used_twice_is_listed_and_left_out(timetable: Timetable) -> None:
    made = converted(timetable(line(), line(course="CHI-1", capacity="9")))
    reason = "CRN 1 has another course and capacity on line 2; left out"
    assert made.problems == [Problem(3, reason)]


def test_a_line_repeated_word_for_word_is_noted_and_kept(timetable: Timetable) -> None:
    made = converted(timetable(line(), line()))
    assert made.problems == [Problem(3, "says the same as line 2; kept")]
    assert len(sessions_of(made)) == 4


def test_a_section_without_a_teacher_gets_staff(timetable: Timetable) -> None:
    made = converted(timetable(line(teacher="")))
    assert [row["name"] for row in made.catalog["users"] if row["role"] == "TEACHER"] == ["Staff"]


def test_teachers_of_any_name_get_an_address_of_their_own(
    timetable: Timetable, engine: Engine
) -> None:
    names = ["Jane O'Hara", "JANE O'HARA", "T1", "t1", "Łukasz Żółć", "李小龍", "Dr. <x@y.example>"]
    made = converted(
        timetable(*(line(crn=str(n), section=str(n), teacher=t) for n, t in enumerate(names, 1)))
    )
    teachers = [row for row in made.catalog["users"] if row["role"] == "TEACHER"]
    assert sorted(row["name"] for row in teachers) == sorted(names)
    assert [row["email"] for row in teachers] == [
        f"t000{number}@teachers.example" for number in range(1, 8)
    ]
    assert bring_in(engine, made.catalog)["users"].new == len(made.catalog["users"])


def test_the_longest_texts_that_are_taken_can_be_imported(
    timetable: Timetable, engine: Engine
) -> None:
    longest = {"course": 30, "title": 120, "type": 20, "section": 20, "crn": 20, "teacher": 120}
    made = converted(timetable(line(**{name: "x" * length for name, length in longest.items()})))
    assert made.problems == []
    assert bring_in(engine, made.catalog)["groupClasses"].new == 1


def test_more_teachers_than_ids_before_the_students_collide_with_nobody(
    timetable: Timetable,
) -> None:
    lines = (line(crn=str(n), section=str(n), teacher=f"T{n}") for n in range(10_002))
    made = converted(timetable(*lines))
    ids = [row["id"] for row in made.catalog["users"]]
    assert len(set(ids)) == len(ids) == 3 * 10_002


def test_more_enrolled_than_seats_and_no_seats_at_all_are_kept(timetable: Timetable) -> None:
    made = converted(timetable(line(capacity="0", enrolled="3")))
    assert made.catalog["groupClasses"][0]["capacityMax"] == 0
    assert len(made.enrolments) == 3


def test_the_components_of_one_crn_go_to_the_same_students(timetable: Timetable) -> None:
    made = converted(
        timetable(
            line(enrolled="2"),
            line(type="LAB", days="T", enrolled="2"),
            line(crn="2", section="02", days="W"),
            line(crn="2", section="02", days="R", type="LAB"),
        )
    )
    assert len(made.catalog["packages"]) == 4
    taken: dict[int, set[int]] = {}
    for row in made.enrolments:
        taken.setdefault(row["packageId"], set()).add(row["courseStepOptionId"])
    assert sorted(map(sorted, taken.values())) == [[1, 2], [1, 2], [3, 4], [3, 4]]


def test_a_place_that_clashes_for_everybody_goes_to_a_further_student(
    timetable: Timetable,
) -> None:
    made = converted(
        timetable(
            line(enrolled="3"),
            line(type="LAB", crn="2", enrolled="1", start="9:30AM", end="11:00AM"),
        )
    )
    assert len(made.catalog["packages"]) == 4
    assert enrolled(made) == {1: 3, 2: 1}


def test_the_same_timetable_gives_the_same_catalog(timetable: Timetable) -> None:
    path = timetable(line(), line(type="LAB", days="T"))
    assert json.dumps(converted(path).catalog) == json.dumps(converted(path).catalog)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "must begin with the columns"),
        (b"a,b\n1,2\n", "must begin with the columns"),
        (b"\xff\xfe", "is not UTF-8"),
        (",".join(COLUMNS).encode() + b'\n"open', "is not CSV"),
    ],
)
def test_a_file_that_is_no_timetable_is_told_so(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "other.csv"
    path.write_bytes(content)
    with pytest.raises(UnreadableTimetable, match=reason):
        read_lines(path)


def test_next_monday_is_the_one_after_today_in_new_york() -> None:
    # still Sunday there
    assert next_monday(datetime(2030, 9, 2, 2, tzinfo=UTC)) == date(2030, 9, 2)
    assert next_monday(datetime(2030, 9, 2, 12, tzinfo=UTC)) == date(2030, 9, 9)


@pytest.fixture(scope="module")
def real_timetable() -> Path:
    beside = Path(__file__).parents[3] / "shared/data/timetable-fall-2023.csv"
    path = Path(os.environ.get("TIMETABLE_CSV") or beside)
    if not path.is_file():
        pytest.skip("the real timetable isn't here: name it in TIMETABLE_CSV")
    return path


@pytest.fixture(scope="module")
def real_sections(real_timetable: Path) -> list[dict[str, str]]:
    """The first line of each section that meets, read once more in the plainest way."""
    with real_timetable.open() as file:
        rows = [row for row in csv.DictReader(file) if row["days"] and row["start"]]
    return list({(row["crn"], row["type"]): row for row in reversed(rows)}.values())


@pytest.fixture(scope="module")
def real(real_timetable: Path) -> Conversion:
    return converted(real_timetable)


def test_the_real_timetable_becomes_45630_sessions(
    real: Conversion, real_sections: list[dict[str, str]]
) -> None:
    assert real.session_count == len(sessions_of(real)) == 45_630
    assert len({row["crn"] for row in real_sections}) == 1_305
    left_out = [problem for problem in real.problems if problem.reason.endswith("left out")]
    assert len(left_out) == 784


def test_all_enrolments_of_the_real_timetable_are_kept(
    real: Conversion, real_sections: list[dict[str, str]]
) -> None:
    assert len(real.enrolments) == sum(int(row["enrolled"]) for row in real_sections) == 24_587


def test_every_section_of_the_real_timetable_has_its_enrolments(
    real: Conversion, real_sections: list[dict[str, str]]
) -> None:
    given = enrolled(real)
    classes = {row["name"]: row["id"] for row in real.catalog["groupClasses"]}
    for row in real_sections:
        label = " ".join(filter(None, (row["course"], row["type"], row["section"].strip())))
        assert given[classes[f"{label} {row['title']}"]] == int(row["enrolled"])


def test_no_student_of_the_real_timetable_is_in_two_places(real: Conversion) -> None:
    times = {row["id"]: (row["startAt"], row["endAt"]) for row in sessions_of(real)}
    taken: dict[int, list[tuple[str, str]]] = {}
    for row in real.enrolments:
        taken.setdefault(row["userId"], []).append(times[row["sessionId"]])
    for meetings in taken.values():
        meetings.sort()
        for earlier, later in pairwise(meetings):
            assert earlier[1] <= later[0]


def test_the_real_timetable_is_imported_in_seconds(real: Conversion, engine: Engine) -> None:
    before = datetime.now(UTC)
    counts = bring_in(engine, real.catalog)
    assert (datetime.now(UTC) - before).total_seconds() < 60
    assert counts["sessions"].new == 45_630
    assert check_invariants(engine).violations == []
    with engine.connect() as db:
        offsets = text(
            "SELECT count(DISTINCT (start_at AT TIME ZONE 'America/New_York')::time) FROM session"
            " WHERE group_class_id = 1"
        )
        assert db.scalar(offsets) == 1
