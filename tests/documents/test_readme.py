"""The commands of README and documents, run one after the other against the real thing.

The README comes first: it counts what the demo begins with.
"""

import json
import re

import pytest

from tests.documents.accounts import WALKED
from tests.documents.answers import check_answer
from tests.documents.demo import Demo
from tests.documents.markdown import blocks
from tests.processes import until

pytestmark = pytest.mark.timeout(180)


def test_a_reader_of_the_readme_books_a_seat_and_finds_what_it_left_behind(demo: Demo) -> None:
    _addresses_and_logins_are_shown(demo)
    start, *walk = (block.text for block in blocks("README.md", "sh"))
    booking, behind, refusal, waiting, python = walk
    # tests/launch runs the launcher as make does, from a bare clone too
    assert re.findall(r"^make (\w+)", start, re.MULTILINE) == ["run", "test"]
    said = demo.run(f"{booking}\necho; echo JOB=$JOB; echo PACKAGES=$PACKAGES")

    assert "HTTP/1.1 202" in said
    assert '"status": "SUCCEEDED"' in said
    job = re.findall(r"JOB=(\S+)", said)[-1]
    assert f'"taskId": "{job}"' in said

    until(lambda: len(list((demo.var / "mail" / "new").glob("*"))) > 22, 30, "the mail")
    count = ".venv/bin/flask --app app db shell -Atc 'SELECT count(*) FROM event_log'"
    until(lambda: demo.run(count).strip() == "23", 30, "the event")
    found = demo.run(f"JOB={job}\n{behind}")
    assert job in found
    assert re.search(r"ok: \d+ sessions, 23 bookings", found)
    assert "To: Ada Lindqvist <ada@students.example>" in found
    assert "Welcome" in found
    assert "<html" not in found
    assert "course.step.booked" in found

    flower = re.findall(r"http://127\.0\.0\.1:\d+/task/\S+", found)[-1]
    until(lambda: job in demo.read(flower), 20, "the task in Flower")

    [packages] = re.findall(r"PACKAGES=\S+", said)
    names = f"API={packages.removeprefix('PACKAGES=').removesuffix('/students/me/course-packages')}"
    said = demo.run(f"{names}\n{packages}\n{refusal}\necho; echo JO=$JO")
    refused, _, jo = said.strip().rpartition("\n")
    error = json.loads(refused)["error"]
    assert error["code"] == "session_full"
    assert error["message"]
    assert error["alternatives"]
    assert error["waitlistOpen"]

    said = demo.run(f"{names}\n{packages}\n{jo}\n{waiting}")
    *jobs, mails, _ = (json.loads(line) for line in said.splitlines() if line)
    joined, dry_run, raised = (job["result"] for job in jobs)
    assert [mail["kind"] for mail in mails["items"]] == ["MAIL"] * 2
    assert joined["waitlistEntry"]["position"] == 1
    assert [concerned["studentId"] for concerned in dry_run["affected"]] == [20]
    assert raised["session"]["capacityMax"] == 4
    look = waiting.strip().splitlines()[-1]
    seen = f"{packages}\n{jo}\n{look}"
    until(lambda: '"PROMOTED"' in demo.run(seen), 30, "the promotion")

    [token, *_] = booking.splitlines()
    assert "'courseStepId': 2, 'status': 'BOOKED'" in demo.run(f"{token}\n{python}")
    assert re.search(r"Conversation circle at \S+Z: booking 2\d\n", demo.run(python_example()))


def python_example() -> str:
    """The commands of the Python client's example, which a reader saves as book.py."""
    [program] = blocks("docs/client.md", "python")
    [commands] = blocks("docs/client.md", "sh")
    assert "python book.py" in commands.text
    return commands.text.replace("book.py", f"- <<'PYTHON'\n{program.text}PYTHON")


@pytest.mark.parametrize("document", WALKED)
def test_the_examples_of_a_document_give_the_answers_that_it_shows(
    demo: Demo, document: str
) -> None:
    said = iter(demo.run_each(blocks(document, "sh")))
    answer = ""
    shown = 0
    for block in blocks(document):
        if block.language == "sh":
            answer = next(said)
        elif block.language in {"json", "http"}:
            check_answer(block, answer)
            shown += 1

    assert shown > 0


def _addresses_and_logins_are_shown(demo: Demo) -> None:
    said = demo.said()
    for shown in (
        f"http://127.0.0.1:{demo.port}/api/docs",
        f"http://127.0.0.1:{demo.flower_port}/",
        "ada@students.example",
        "sam@staff.example",
    ):
        assert shown in said
    assert '"status":"ready"' in demo.read(f"http://127.0.0.1:{demo.port}/readyz").replace(" ", "")
    assert "Thrive Booking" in demo.read(f"http://127.0.0.1:{demo.port}/api/docs")
