"""What staff submit, decided at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from models.round import Decider
from tests.app.job_shapes import PROBLEM, check_wire
from tests.app.students import decide
from tests.app.visitors import Visitor

REASON = {"reason": "The teacher is ill"}
WAIVED = {"override": {"reason": "Agreed on the phone"}}


@dataclass
class Deeds:
    """Somebody's calls under `/api/admin`, and the decided jobs they came to."""

    visitor: Visitor
    decider: Decider

    def __call__(self, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        answer = self.visitor.post(f"/api/admin{path}", body, **headers)
        assert answer.status_code == 202, answer.text
        assert int(answer.headers["Retry-After"]) >= 1
        decide(self.decider)
        job = self.visitor.get(answer.headers["Location"]).json
        check_wire(job)
        return job

    def result(self, path: str, body: Any = None) -> dict[str, Any]:
        job = self(path, body)
        assert job["status"] == "SUCCEEDED", job
        return job["result"]

    def refusal(self, path: str, body: Any = None) -> str:
        job = self(path, body)
        assert (job["status"], job["result"]) == ("REFUSED", None)
        assert set(job["error"]) == PROBLEM
        return job["error"]["code"]


def times(start: datetime, lasts: timedelta = timedelta(hours=1)) -> dict[str, str]:
    """When a session takes place, as it is sent."""
    whole = start.replace(microsecond=0)
    return {"startAt": whole.isoformat(), "endAt": (whole + lasts).isoformat()}
