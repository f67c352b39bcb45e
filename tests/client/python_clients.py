"""Programs that use app/client.py: each a user's, with tokens of its own."""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta

from app.client import ThriveClient
from app.settings import Settings
from tests.client.pages import Browser
from tests.school import Course, School

PATIENCE = timedelta(seconds=20)


@dataclass
class Programs:
    """Makes clients of the server at a port, which are closed in the end."""

    settings: Settings
    port: int
    closing: ExitStack

    def of(self, course: Course) -> "Program":
        return Program(self, *course.enrol_one(), course)

    def client(
        self, user: int, port: int | None = None, patience: timedelta = PATIENCE
    ) -> ThriveClient:
        """A user's client, perhaps by way of another port."""
        address = f"http://127.0.0.1:{port or self.port}"
        token = Browser(self.settings, user, self.port).token
        return self.closing.enter_context(ThriveClient(address, token, patience=patience))


@dataclass
class Program:
    """A student's program, and what it books."""

    programs: Programs
    user: int
    package: int
    course: Course

    def __post_init__(self) -> None:
        self.thrive = self.client()

    @property
    def step(self) -> tuple[int, int]:
        return self.package, self.course.step

    @property
    def choice(self) -> tuple[int, int, int]:
        return *self.step, self.course.option

    def client(self, port: int | None = None, patience: timedelta = PATIENCE) -> ThriveClient:
        return self.programs.client(self.user, port, patience)


def jobs(school: School) -> int:
    """How many requests were accepted."""
    return int(school.rows("SELECT count(*) FROM booking_job")[0][0])
