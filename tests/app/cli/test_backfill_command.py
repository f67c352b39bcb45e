"""What `backfill-bookings` prints, writes and ends with."""

import csv
import json
import resource
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.settings import Settings
from migrations import commands
from models.connection import make_engine
from tests.app.cli.commands import Flask, commands_of, flask_process
from tests.migrations.databases import BESIDE_OLD_CODE
from tests.migrations.old_school import OldSchool
from tests.school import DAY


@pytest.fixture
def old_school(bare: Settings) -> Iterator[OldSchool]:
    """A school beside which the old code runs still."""
    engine = make_engine(bare.database_url)
    commands.upgrade(engine, BESIDE_OLD_CODE)
    yield OldSchool(engine, datetime.now(UTC))
    engine.dispose()


@pytest.fixture
def flask(bare: Settings) -> Flask:
    return commands_of(bare)


def test_a_run_says_what_it_linked_what_it_left_and_that_it_looked(
    old_school: OldSchool, flask: Flask
) -> None:
    course = old_school.course(capacity=1)
    old_school.old_student(course)
    old_school.old_student(course)
    ended = flask("backfill-bookings")
    assert (ended.exit_code, ended.stderr) == (0, "")
    *lines, took = ended.stdout.splitlines()
    assert lines == [
        "run 1: 2 booked steps without a booking",
        "linked: 1",
        "left: 1 (session_full 1)",
        "changed by others meanwhile: 0",
        "verified: 2 before, 1 linked, 1 without a booking; each link has its seat and ledger row",
    ]
    assert took.startswith("took ")


def test_as_json_it_is_one_object(old_school: OldSchool, flask: Flask) -> None:
    old_school.old_student(old_school.course())
    rehearsed = json.loads(flask("backfill-bookings", "--dry-run", "--json").stdout)
    done = json.loads(flask("backfill-bookings", "--json").stdout)
    assert (rehearsed["run"], rehearsed["dryRun"], rehearsed["linked"]) == (None, True, 1)
    assert (done["run"], done["dryRun"], done["linked"], done["left"]) == (1, False, 1, {})
    assert (done["before"], done["after"], done["faults"]) == (1, 0, [])
    nothing = json.loads(flask("backfill-bookings", "--json").stdout)
    assert (nothing.keys(), nothing["run"], nothing["before"]) == (done.keys(), None, 0)
    assert nothing["dryRun"] is False
    undone = json.loads(flask("backfill-bookings", "--undo", 1, "--json").stdout)
    assert (undone["run"], undone["undone"], undone["kept"]) == (1, 1, [])


def test_the_report_lists_what_was_left_for_people_and_their_spreadsheets(
    old_school: OldSchool, flask: Flask, tmp_path: Path
) -> None:
    course = old_school.course(sessions=0)
    booked_at = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    student = old_school.old_student(course, booked_at)
    for arguments in (["--dry-run"], []):
        report = tmp_path / f"left{len(arguments)}.csv"
        assert flask("backfill-bookings", *arguments, "--report", report).exit_code == 0
        (row,) = csv.DictReader(report.read_text(encoding="utf-8").splitlines())
        assert row.pop("detail").startswith(f"group class {course.group_class} has no scheduled")
        assert row == {
            "progressId": str(student.progress),
            "packageId": str(student.package),
            "studentId": str(student.id),
            "stepId": str(student.step),
            "groupClassId": str(course.group_class),
            "bookedAt": "2026-03-04T05:06:07Z",
            "code": "no_upcoming_session",
        }
    assert list(tmp_path.glob(".*")) == []


def test_a_report_of_nothing_has_its_header(
    old_school: OldSchool, flask: Flask, tmp_path: Path
) -> None:
    assert old_school.rows("SELECT 1 FROM booking") == []
    report = tmp_path / "left.csv"
    ended = flask("backfill-bookings", "--report", report)
    assert ended.stdout == "nothing to do: every booked step has its booking\n"
    assert report.read_text().startswith("progressId,packageId,studentId,stepId,")


@pytest.mark.parametrize(
    ("report", "told"),
    [
        ("nowhere/left.csv", (2, "there is no directory")),
        ("/dev/null", (2, "/dev/null is no file")),
        ("left" * 63, (1, "File name too long")),
    ],
)
def test_a_report_that_cannot_be_written_is_told_before_anything_is_done(
    old_school: OldSchool, flask: Flask, tmp_path: Path, report: str, told: tuple[int, str]
) -> None:
    old_school.old_student(old_school.course())
    ended = flask("backfill-bookings", "--report", tmp_path / report)
    code, words = told
    assert (ended.exit_code, ended.stdout) == (code, "")
    assert words in ended.stderr
    assert old_school.rows("SELECT * FROM booking") == []


def test_a_disk_that_is_full_in_the_end_keeps_nobody_from_knowing_what_was_done(
    old_school: OldSchool, bare: Settings, tmp_path: Path
) -> None:
    old_school.old_student(old_school.course(sessions=0))
    environ = {"DATABASE_URL": bare.database_url, "VAR_DIR": str(tmp_path / "var")}
    report = tmp_path / "left.csv"
    report.write_text("of the last run")
    ended = flask_process(
        "backfill-bookings", "--json", "--report", report, environ=environ, preexec_fn=_fill_disk
    )
    assert (ended.returncode, ended.stderr) == (1, "A file: File too large\n")
    assert json.loads(ended.stdout)["left"] == {"no_upcoming_session": 1}
    assert [path.name for path in tmp_path.glob("*left*")] == ["left.csv"]
    assert report.read_text() == "of the last run"


def _fill_disk() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


def test_an_undo_says_what_it_kept(old_school: OldSchool, flask: Flask) -> None:
    course = old_school.course()
    gone, kept = old_school.old_student(course), old_school.old_student(course)
    flask("backfill-bookings")
    booking = kept.booking
    assert booking is not None
    old_school.change("booking", booking["id"], status="NO_SHOW")
    rehearsed = flask("backfill-bookings", "--undo", 1, "--dry-run").stdout.splitlines()
    done = flask("backfill-bookings", "--undo", 1).stdout.splitlines()
    assert rehearsed[0] == "dry run: nothing is written"
    assert rehearsed[1:-1] == done[:-1]
    assert done[:-1] == [
        "undone: 1",
        "kept, changed since or held by the database: 1",
        f"booking {booking['id']}",
    ]
    assert gone.session is None


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--undo", "7"], 1, "There is no backfill run 7."),
        (["--undo", "0"], 2, "0 is not in the range"),
        (["--undo", "1", "--report", "left.csv"], 2, "--undo leaves nothing"),
        (["--report"], 2, "requires an argument"),
        (["students"], 2, "unexpected extra argument"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(
    old_school: OldSchool, flask: Flask, arguments: list[str], code: int, words: str
) -> None:
    assert old_school.rows("SELECT 1 FROM booking") == []
    ended = flask("backfill-bookings", *arguments)
    assert (ended.exit_code, ended.stdout) == (code, "")
    assert words in ended.stderr


def test_after_the_contract_an_undo_says_what_to_do_first(
    old_school: OldSchool, flask: Flask
) -> None:
    old_school.old_student(old_school.course())
    flask("backfill-bookings")
    assert flask("db", "upgrade").exit_code == 0
    ended = flask("backfill-bookings", "--undo", 1)
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert "db downgrade contract@-1" in ended.stderr


def test_a_run_that_is_taken_back_meanwhile_says_so(old_school: OldSchool, flask: Flask) -> None:
    old_school.old_student(old_school.course())
    with old_school.engine.begin() as db:
        # as if somebody had undone it right after it began
        db.exec_driver_sql("ALTER TABLE backfill_run ALTER undone_at SET DEFAULT now()")
    ended = flask("backfill-bookings")
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert ended.stderr == "Run 1 was taken back meanwhile, and ends here.\n"


@pytest.mark.parametrize("revision", ["0001", "0007"])
def test_before_the_migration_it_says_to_migrate(bare: Settings, revision: str) -> None:
    flask = commands_of(bare)
    flask("db", "upgrade", revision)
    ended = flask("backfill-bookings")
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert ended.stderr == "The database isn't migrated: run flask --app app release\n"


def test_faults_end_it_with_an_error(old_school: OldSchool, flask: Flask) -> None:
    course = old_school.course()
    old_school.old_student(course, old_school.now - DAY)
    with old_school.engine.begin() as db:
        # each seat that is taken counts twice
        db.exec_driver_sql(
            "CREATE FUNCTION twice() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN NEW.seats_taken := NEW.seats_taken + 1; RETURN NEW; END'"
        )
        db.exec_driver_sql(
            "CREATE TRIGGER twice BEFORE UPDATE OF seats_taken ON session"
            " FOR EACH ROW EXECUTE FUNCTION twice()"
        )
    ended = flask("backfill-bookings")
    assert ended.exit_code == 1
    assert ended.stdout.splitlines()[0].startswith("violation backfill_seats ")
