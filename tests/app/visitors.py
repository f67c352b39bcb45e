"""Anybody who is signed in, and what they ask for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.settings import Settings
from app.tokens import issue_token


@dataclass
class Visitor:
    """A signed-in person."""

    client: FlaskClient
    settings: Settings
    id: int

    @property
    def headers(self) -> dict[str, str]:
        token = issue_token(self.settings, self.id, timedelta(hours=1), datetime.now(UTC))
        return {"Authorization": f"Bearer {token}"}

    def get(self, path: str, query: Any = None, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, query_string=query, headers=self.headers | named)

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(path, json=body, headers=self.headers | named)

    def patch(self, path: str, body: Any) -> TestResponse:
        return self.client.patch(path, json=body, headers=self.headers)

    def items(self, path: str, **query: Any) -> list[Any]:
        """The first page of a list."""
        answer = self.get(path, {name.rstrip("_"): value for name, value in query.items()})
        assert answer.status_code == 200, answer.text
        return answer.json["items"]

    def ids(self, path: str, **query: Any) -> list[Any]:
        return [item["id"] for item in self.items(path, **query)]

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """All pages of a list, one row each."""
        cursor: dict[str, str] = {}
        while True:
            page = self.get(path, {"limit": 1, **query, **cursor}).json
            yield page
            if page["next"] is None:
                return
            cursor = {"cursor": page["next"]}


def refused_cursors(visitor: Visitor, path: str, *others: str) -> None:
    """What isn't a place in the list is named as such."""
    for forged in ("", "abc", "1", "%00", "é", "A" * 5000, "0.5", "MQ", *others):
        answer = visitor.get(path, {"cursor": forged})
        assert answer.status_code == 422, forged
        assert list(answer.json["errors"]) == ["cursor"]
