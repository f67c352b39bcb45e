"""The demo's school: what it teaches, when, and who is there. Pure data, ids and all.

Ids never change: the README's commands and the tests name them. Session ids are the class's
id times 100 plus the session's number, from 1.
"""

from typing import NamedTuple

BERLIN = "Europe/Berlin"
NEW_YORK = "America/New_York"
WEEKS = 6
"""How many weeks each class runs, once a week."""


class Someone(NamedTuple):
    """A person of the school; `note` tells whoever logs in as them what to expect."""

    id: int
    email: str
    name: str
    role: str
    time_zone: str
    locale: str
    note: str = ""


class WeeklyClass(NamedTuple):
    """A group class that meets once a week on `weekday` (0 is Monday), local times.

    Its first meeting is the first such day at least `days_ahead` days after today; `weeks` is
    the number of meetings.
    """

    id: int
    name: str
    teacher_id: int
    capacity_max: int
    time_zone: str
    weekday: int
    start: str
    end: str
    days_ahead: int
    weeks: int = WEEKS


class Step(NamedTuple):
    """A step and the classes it can be taken in, as (option id, class id)."""

    id: int
    label: str
    title: str
    options: tuple[tuple[int, int], ...]
    is_required: bool = True


class Program(NamedTuple):
    """A program; `opens_in_days` None means that booking is open."""

    id: int
    title: str
    steps: tuple[Step, ...]
    ordered: bool = False
    opens_in_days: int | None = None


class Cohort(NamedTuple):
    """A run of a program, with its pins as (option id, session id)."""

    id: int
    program_id: int
    name: str
    pins: tuple[tuple[int, int], ...] = ()


class Package(NamedTuple):
    """A package; `expires_in_days` may be negative, None means never."""

    id: int
    user_id: int
    cohort_id: int
    name: str
    status: str = "ACTIVE"
    expires_in_days: int | None = 120


class DemoRequest(NamedTuple):
    """A booking that the demo makes like any student: through a job."""

    user_id: int
    package_id: int
    step_id: int
    option_id: int
    session_id: int


STAFF = (
    Someone(1, "marta@teachers.example", "Marta Brandt", "TEACHER", BERLIN, "de",
            "teaches German in Berlin"),
    Someone(2, "jonas@teachers.example", "Jonas Weidlich", "TEACHER", BERLIN, "de",
            "examines, and teaches conversation"),
    Someone(3, "ruth@teachers.example", "Ruth Okonkwo", "TEACHER", NEW_YORK, "en",
            "teaches pottery in New York"),
    Someone(4, "luis@teachers.example", "Luis Herrera", "TEACHER", NEW_YORK, "en",
            "teaches public speaking and watercolour"),
    Someone(5, "sam@staff.example", "Sam Aldous", "STAFF", NEW_YORK, "en", "front desk"),
    Someone(6, "priya@staff.example", "Priya Nair", "ADMIN", BERLIN, "en", "runs the school"),
)  # fmt: skip

STUDENTS = (
    Someone(11, "ada@students.example", "Ada Lindqvist", "STUDENT", BERLIN, "en",
            "nothing booked yet: the README books for her"),
    Someone(12, "ben@students.example", "Ben Castellano", "STUDENT", BERLIN, "en",
            "two of four steps booked, in order"),
    Someone(13, "chloe@students.example", "Chloé Marchand", "STUDENT", BERLIN, "fr",
            "everything booked"),
    Someone(14, "dmitri@students.example", "Dmitri Volkov", "STUDENT", NEW_YORK, "en",
            "his package has expired"),
    Someone(15, "elif@students.example", "Elif Demir", "STUDENT", NEW_YORK, "tr",
            "her package was cancelled"),
    Someone(16, "farid@students.example", "Farid Haddad", "STUDENT", NEW_YORK, "en",
            "two packages, both begun"),
    Someone(17, "grace@students.example", "Grace Mbeki", "STUDENT", NEW_YORK, "en",
            "has one of the three seats with the guest artist"),
    Someone(18, "hiro@students.example", "Hiro Tanaka", "STUDENT", NEW_YORK, "ja",
            "his program isn't open yet"),
    Someone(19, "ines@students.example", "Inês Carvalho", "STUDENT", BERLIN, "pt",
            "her cohort pins each step to one session"),
    Someone(20, "jo@students.example", "Jo Fairweather", "STUDENT", NEW_YORK, "en",
            "wants the guest artist's session, which is full; the package ends in 30 days"),
)  # fmt: skip

# they fill the small sessions
OTHERS = tuple(
    Someone(21 + number, f"{name.split()[0].lower()}@students.example", name, "STUDENT", zone, "en")
    for number, (name, zone) in enumerate(
        [
            ("Kemal Arslan", NEW_YORK),
            ("Lena Sorensen", NEW_YORK),
            ("Mateo Quispe", NEW_YORK),
            ("Nora Eklund", BERLIN),
            ("Oskar Lehmann", BERLIN),
            ("Paula Ferreira", BERLIN),
        ]
    )
)

CLASSES = (
    WeeklyClass(1, "Welcome evening", 1, 12, BERLIN, 0, "18:30", "20:00", 2),
    WeeklyClass(2, "Welcome brunch", 1, 8, BERLIN, 5, "10:30", "12:00", 2),
    WeeklyClass(3, "Grammar workshop, evenings", 1, 10, BERLIN, 2, "18:00", "20:00", 9),
    WeeklyClass(4, "Grammar workshop, mornings", 2, 6, BERLIN, 3, "09:30", "11:30", 9),
    WeeklyClass(5, "Conversation circle", 2, 6, BERLIN, 1, "17:30", "19:00", 16),
    WeeklyClass(6, "Oral exam", 2, 4, BERLIN, 4, "14:00", "15:00", 23, 4),
    WeeklyClass(7, "Clay and studio safety", 3, 8, NEW_YORK, 1, "18:00", "20:00", 2),
    WeeklyClass(8, "Wheel throwing", 3, 5, NEW_YORK, 3, "18:30", "20:30", 4),
    WeeklyClass(9, "Guest artist: thrown and altered forms", 3, 3, NEW_YORK, 5,
                "11:00", "14:00", 6, 1),
    WeeklyClass(10, "Glazing day", 3, 8, NEW_YORK, 6, "13:00", "16:00", 9),
    WeeklyClass(11, "Find your voice", 4, 10, NEW_YORK, 2, "12:15", "13:15", 2),
    WeeklyClass(12, "Speak to a room", 4, 4, NEW_YORK, 4, "17:00", "19:00", 9),
    WeeklyClass(13, "Watercolour outdoors", 4, 10, NEW_YORK, 6, "10:00", "12:30", 21),
)  # fmt: skip

PROGRAMS = (
    Program(1, "German A1 for newcomers", (
        Step(1, "Step 1", "Welcome", ((1, 1), (2, 2))),
        Step(2, "Step 2", "Grammar workshop", ((3, 3), (4, 4))),
        Step(3, "Step 3", "Conversation circle", ((5, 5),), is_required=False),
        Step(4, "Step 4", "Oral exam", ((6, 6),)),
    ), ordered=True),
    Program(2, "Pottery foundations", (
        Step(5, "Session A", "Clay and studio safety", ((7, 7),)),
        Step(6, "Session B", "Throwing", ((8, 8), (9, 9))),
        Step(7, "Session C", "Glazing", ((10, 10),)),
    )),
    Program(3, "Public speaking sprint", (
        Step(8, "Part 1", "Find your voice", ((11, 11),)),
        Step(9, "Part 2", "Speak to a room", ((12, 12),)),
    )),
    Program(4, "Watercolour weekends", (
        Step(10, "Weekend 1", "Light and wash", ((13, 13),)),
    ), opens_in_days=14),
)  # fmt: skip

COHORTS = (
    Cohort(1, 1, "German A1, open group"),
    Cohort(2, 1, "German A1, morning group", ((2, 202), (4, 402))),
    Cohort(3, 2, "Pottery, open studio"),
    Cohort(4, 3, "Speaking sprint, first run", ((11, 1102), (12, 1202))),
    Cohort(5, 4, "Watercolour, first summer"),
)

PACKAGES = (
    Package(1, 11, 1, "German A1"),
    Package(2, 12, 1, "German A1"),
    Package(3, 13, 1, "German A1"),
    Package(4, 14, 3, "Pottery foundations", expires_in_days=-10),
    Package(5, 15, 3, "Pottery foundations", status="CANCELLED"),
    Package(6, 16, 1, "German A1"),
    Package(7, 16, 3, "Pottery foundations"),
    Package(8, 17, 3, "Pottery foundations"),
    Package(9, 18, 5, "Watercolour weekends"),
    Package(10, 19, 4, "Public speaking sprint"),
    Package(11, 20, 3, "Pottery foundations", expires_in_days=30),
    Package(21, 21, 3, "Pottery foundations"),
    Package(22, 22, 3, "Pottery foundations"),
    Package(23, 23, 3, "Pottery foundations"),
    Package(24, 24, 1, "German A1"),
    Package(25, 25, 1, "German A1"),
    Package(26, 26, 1, "German A1"),
)

REQUESTS = (
    # Ben: two of four, Chloé: all, Farid: some of each package
    DemoRequest(12, 2, 1, 1, 101),
    DemoRequest(12, 2, 2, 3, 301),
    DemoRequest(13, 3, 1, 1, 101),
    DemoRequest(13, 3, 2, 4, 401),
    DemoRequest(13, 3, 3, 5, 501),
    DemoRequest(13, 3, 4, 6, 601),
    DemoRequest(16, 6, 1, 2, 201),
    DemoRequest(16, 7, 5, 7, 701),
    DemoRequest(19, 10, 8, 11, 1102),
    # the guest artist is full
    DemoRequest(21, 21, 6, 9, 901),
    DemoRequest(17, 8, 6, 9, 901),
    DemoRequest(22, 22, 6, 9, 901),
    # the first oral exam is nearly full
    DemoRequest(24, 24, 4, 6, 601),
    DemoRequest(25, 25, 4, 6, 601),
    # the first wheel throwing has a seat or two left
    DemoRequest(16, 7, 6, 8, 801),
    DemoRequest(23, 23, 6, 8, 801),
    # some of the others have begun too
    DemoRequest(17, 8, 5, 7, 701),
    DemoRequest(21, 21, 5, 7, 701),
    DemoRequest(22, 22, 5, 7, 701),
    DemoRequest(24, 24, 1, 1, 101),
    DemoRequest(25, 25, 1, 1, 101),
    DemoRequest(26, 26, 1, 2, 201),
)
"""In this order; the catalog makes each of them possible."""
