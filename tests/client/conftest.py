"""The whole product for its clients: web server and worker that outlive a test, and students."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest

from app.settings import Settings
from tests.backends import WORKERS, busy_backends
from tests.client.node import node
from tests.client.pages import Browser
from tests.client.python_clients import Program, Programs
from tests.client.unsteady_network import UnsteadyNetwork, unsteady_network
from tests.processes import Processes, Running, Web, free_port, until
from tests.school import Course, School

BUSY = WORKERS, "thrive web", "thrive web queue"
QUIET_LOOKS = 3
NEED_NODE = {"students", "old_site", "hasty", "patient"}


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs node where there is none: here, so that pytest makes one line of them all."""
    if NEED_NODE & set(getattr(item, "fixturenames", ())):
        node()


@dataclass
class Site:
    """Processes that serve pages."""

    processes: Processes
    web: Web
    worker: Running
    other_port: int
    """Where another site may be served that is allowed to use thrive.js."""

    @property
    def other_origin(self) -> str:
        return f"http://127.0.0.1:{self.other_port}"


@pytest.fixture(scope="package")
def shared_site(
    session_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    other_port = free_port()
    processes = Processes(
        session_settings,
        tmp_path_factory.mktemp("site"),
        environ={"CORS_ORIGINS": f"http://127.0.0.1:{other_port}"},
    )
    try:
        # one after the other: together they may take longer than each is given
        web = processes.start_web()
        worker = processes.start_worker("bookings")
        yield Site(processes, web, worker, other_port)
    finally:
        processes.stop()


@pytest.fixture(scope="package")
def limited_web(shared_site: Site) -> Web:
    """A web server of the same site that takes few requests, and none while others wait."""
    return shared_site.processes.start_web(RATE_LIMIT="1 per 3 seconds", MAX_QUEUED_JOBS="1")


@pytest.fixture
def site(shared_site: Site, school: School) -> Iterator[Site]:
    """Web server and worker with an empty school."""
    shared_site.processes.redis.flushall()
    yield shared_site
    # the next test empties the tables, which no transaction may still be in
    shared_site.processes.redis.flushall()
    for _ in range(QUIET_LOOKS):
        until(lambda: not any(busy_backends(school.engine, of) for of in BUSY), 20, "quiet")


@pytest.fixture
def course(school: School) -> Course:
    return school.course(capacity=2, sessions=2)


@dataclass
class Student:
    """A student with a package, and their browser."""

    id: int
    package: int
    browser: Browser

    def step(self, course: Course) -> str:
        """The arguments by which the plan's calls name a step."""
        return f"{self.package}, {course.step}"

    def choice(self, course: Course) -> str:
        """Those by which they choose an option."""
        return f"{self.step(course)}, {course.option}"


@dataclass
class Students:
    """Students with browsers that are closed in the end."""

    site: Site
    browsers: list[Browser] = field(default_factory=list)

    def of(self, course: Course) -> Student:
        return self.with_package(*course.enrol_one())

    def with_package(self, user: int, package: int) -> Student:
        self.browsers.append(Browser(self.site.processes.settings, user, self.site.web.port))
        return Student(user, package, self.browsers[-1])


@pytest.fixture
def students(site: Site) -> Iterator[Students]:
    students = Students(site)
    yield students
    for browser in students.browsers:
        for page in browser.pages:
            page.close()


@pytest.fixture
def student(students: Students, course: Course) -> Student:
    return students.of(course)


@pytest.fixture
def programs(site: Site) -> Iterator[Programs]:
    with ExitStack() as stack:
        yield Programs(site.processes.settings, site.web.port, stack)


@pytest.fixture
def program(programs: Programs, course: Course) -> Program:
    return programs.of(course)


@pytest.fixture
def network(site: Site) -> Iterator[UnsteadyNetwork]:
    with unsteady_network(site.web.port) as network:
        yield network
