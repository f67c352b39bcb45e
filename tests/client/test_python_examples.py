"""The documents' examples of Python's client, where the first session isn't the one to take."""

import os
import subprocess
import sys

import pytest

from app.settings import CHECKOUT
from tests.client.pages import Browser
from tests.client.python_clients import Program, Programs
from tests.documents.markdown import block, blocks
from tests.school import School


def of_the_readme() -> str:
    """The program within its commands."""
    [commands] = [shown.text for shown in blocks("README.md", "sh") if "<<'PYTHON'" in shown.text]
    return commands.partition("<<'PYTHON'\n")[2].partition("PYTHON\n")[0]


def run(example: str, program: Program) -> str:
    """What it prints for a user, who has another package than the demo's Ada."""
    token = Browser(program.programs.settings, program.user, program.programs.port).token()
    written = example.replace(":8000", f":{program.programs.port}")
    done = subprocess.run(
        [sys.executable, "-c", written.replace("(1", f"({program.package}")],
        cwd=CHECKOUT,
        env=os.environ | {"TOKEN": token, "THRIVE_TOKEN": token},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    "example", [block("docs/client.md", "import os").text, of_the_readme()], ids=["guide", "readme"]
)
def test_a_full_session_is_passed_over_and_in_the_end_nothing_is_left(
    example: str, programs: Programs, school: School
) -> None:
    course = school.course(capacity=1, sessions=2)
    first, second = course.sessions
    holder, reader = programs.of(course), programs.of(course)
    holder.thrive.book_course_step_session(*holder.choice, session_id=first)

    run(example, reader)
    [enrolment] = reader.thrive.get_course_packages()
    booked = enrolment["steps"][0]["booking"]
    assert booked is not None
    assert booked["sessionId"] == second
    assert run(example, reader) == "Nothing is left to book.\n"
