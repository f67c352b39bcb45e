"""The shapes of answers, as they are on the wire: the names are the API's, instants are text.

Instants are RFC 3339 in UTC (`2030-01-31T18:30:00Z`); `datetime.fromisoformat` reads them.
"""

from typing import Any, Literal, NotRequired, TypedDict

JobKind = Literal[
    "BOOK_STEP",
    "CHANGE_STEP",
    "CANCEL_STEP",
    "BULK_BOOK",
    "JOIN_WAITLIST",
    "LEAVE_WAITLIST",
    "PROMOTE",
    "BOOK_SEAT",
    "ADD_SESSION",
    "CANCEL_SESSION",
    "MOVE_SESSION",
    "SET_CAPACITY",
    "MARK_ATTENDANCE",
    "CANCEL_PACKAGE",
]

JobStatus = Literal["QUEUED", "SUCCEEDED", "REFUSED", "FAILED", "WITHDRAWN"]


class CourseStepSessionOption(TypedDict):
    """A session that an option of a step offers; a full one is listed with 0 spots."""

    courseStepOptionId: int
    sessionId: int
    groupClassId: int
    groupClassName: str
    startAt: str
    endAt: str
    capacityMax: int
    spotsAvailable: int
    isActive: bool
    teacherName: str
    timeZone: str
    isDefault: bool
    waitlistOpen: bool


class UnbookedCourseStep(TypedDict):
    """A step still to be booked, with at most 50 sessions, the earliest first."""

    stepId: int
    stepLabel: str
    stepTitle: str
    stepOrder: int
    isRequired: bool
    options: list[CourseStepSessionOption]


class Booking(TypedDict):
    """One person's seat in one session."""

    id: int
    sessionId: int
    status: Literal["CONFIRMED", "CANCELLED", "ATTENDED", "NO_SHOW"]
    bookingType: Literal["DROP_IN", "COURSE_STEP", "WORKSHOP"]
    createdAt: str
    courseStepId: int | None
    studentPackageId: int | None
    metadata: dict[str, Any] | None
    paymentStatus: Literal["UNPAID", "PAID"]
    changeUntil: str | None
    cancelUntil: str | None


class Progress(TypedDict):
    """How far a package is with one step."""

    id: int
    courseStepId: int
    status: Literal["UNBOOKED", "BOOKED", "COMPLETED"]
    bookingId: int | None
    bookedAt: str | None


class EnrolmentProgram(TypedDict):
    """The course that a package is for."""

    id: int
    title: str


class EnrolmentSession(TypedDict):
    """The session that a step is booked into."""

    id: int
    groupClassId: int
    groupClassName: str
    teacherName: str
    startAt: str
    endAt: str
    timeZone: str
    status: Literal["SCHEDULED", "CANCELLED"]


class EnrolmentWaitlistEntry(TypedDict):
    """A place on a waitlist for a step; without a session it is for any of the option's."""

    id: int
    courseStepOptionId: int
    sessionId: int | None
    position: int
    joinedAt: str


class EnrolmentStep(TypedDict):
    """One step of the course, and where the student stands with it."""

    stepId: int
    stepLabel: str
    stepTitle: str
    stepOrder: int
    isRequired: bool
    progress: Progress
    booking: Booking | None
    session: EnrolmentSession | None
    waitlist: list[EnrolmentWaitlistEntry]


class Enrolment(TypedDict):
    """A package with its course and its steps in order."""

    packageId: int
    packageName: str
    status: Literal["ACTIVE", "CANCELLED"]
    expiresAt: str | None
    program: EnrolmentProgram
    steps: list[EnrolmentStep]


class CourseStepBookingResponse(TypedDict):
    """What booking or changing a step results in."""

    booking: Booking
    progress: Progress


class CancelStepBookingResponse(TypedDict):
    """What cancelling results in: the cancelled booking, and progress that is free again."""

    success: bool
    booking: Booking
    progress: Progress | None


class StepFailure(TypedDict):
    """Why one step of a bulk booking wasn't booked, and what could be taken instead."""

    courseStepId: int
    code: str
    message: str
    alternatives: list[CourseStepSessionOption]
    waitlistOpen: bool


class BulkCourseStepBookingResponse(TypedDict):
    """What a bulk booking results in; `autoBooked` and `manualSelections` are step ids."""

    bookings: list[CourseStepBookingResponse]
    autoBooked: list[int]
    manualSelections: list[int]
    failures: list[StepFailure]


class JoinWaitlistResponse(TypedDict):
    """What joining a waitlist results in."""

    waitlistEntry: EnrolmentWaitlistEntry


class LeaveWaitlistResponse(TypedDict):
    """What leaving the waitlists of a step results in: the ids of the places given up."""

    success: bool
    left: list[int]


class JobProblem(TypedDict):
    """Why a request wasn't taken, or a job was refused or failed (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    message: str
    errors: NotRequired[dict[str, list[str]]]
    alternatives: NotRequired[list[CourseStepSessionOption]]
    waitlistOpen: NotRequired[bool]
    failures: NotRequired[list[StepFailure]]


class Job(TypedDict):
    """One submitted request, where it stands, and its outcome."""

    id: str
    kind: JobKind
    status: JobStatus
    position: int | None
    estimatedSeconds: int | None
    pollAfterMs: int | None
    attempts: int
    taskId: str | None
    retryOf: str | None
    submittedAt: str
    decidedAt: str | None
    result: dict[str, Any] | None
    error: JobProblem | None


class StepSelection(TypedDict):
    """One step of a bulk booking with the option chosen for it."""

    courseStepId: int
    courseStepOptionId: int
    sessionId: NotRequired[int | None]
