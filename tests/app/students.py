"""Signed-in students of a course, and the calls they make."""

from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.settings import Settings
from app.tokens import issue_token
from models.deciding import decide_lane
from models.lanes import LANES
from models.round import Decider
from tests.school import Course

OF_STEP = "/steps/{step}"
CALLS = {
    "book": ("POST", f"{OF_STEP}/book-session"),
    "change": ("POST", f"{OF_STEP}/change-session"),
    "cancel": ("DELETE", f"{OF_STEP}/booking"),
    "bulk": ("POST", "/book-sessions"),
    "join": ("POST", f"{OF_STEP}/waitlist"),
    "leave": ("DELETE", f"{OF_STEP}/waitlist"),
}
"""The calls that a student submits, below a package."""


class Student:
    """A signed-in student with a package of the course, and the calls they make."""

    def __init__(self, client: FlaskClient, settings: Settings, course: Course) -> None:
        self.client, self.course = client, course
        self.id, self.package = course.enrol_one()
        token = issue_token(settings, self.id, timedelta(hours=1), course.school.now)
        self.headers = {"Authorization": f"Bearer {token}"}

    @property
    def path(self) -> str:
        return f"/api/students/me/course-packages/{self.package}"

    def book(self, body: dict[str, Any] | None = None, **headers: str) -> TestResponse:
        body = body or {"courseStepOptionId": self.course.option}
        return self.client.post(
            f"{self.path}/steps/{self.course.step}/book-session",
            json=body,
            headers=self.headers | {name.replace("_", "-"): v for name, v in headers.items()},
        )

    def call(
        self,
        name: str,
        body: Any = None,
        *,
        package: int | None = None,
        step: int | None = None,
        **headers: str,
    ) -> TestResponse:
        """One of `CALLS`, about one's own package and the course's step unless told."""
        method, end = CALLS[name]
        package, step = package or self.package, step or self.course.step
        return self.client.open(
            f"/api/students/me/course-packages/{package}{end.format(step=step)}",
            method=method,
            json=body,
            headers=self.headers | {name.replace("_", "-"): v for name, v in headers.items()},
        )

    def usual_body(self, name: str) -> Any:
        """The least that the call needs."""
        option = {"courseStepOptionId": self.course.option}
        if name == "bulk":
            return {"selections": [option | {"courseStepId": self.course.step}]}
        return None if CALLS[name][0] == "DELETE" else option

    def get(self, path: str, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, headers=self.headers | named)

    def delete(self, path: str) -> TestResponse:
        return self.client.delete(path, headers=self.headers)


def decide(decider: Decider) -> None:
    for lane in range(LANES):
        decide_lane(decider, lane)
