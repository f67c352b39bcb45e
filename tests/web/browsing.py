"""A browser without scripts: cookies, forms and redirects, as the pages' main path needs them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.settings import Settings
from app.tokens import issue_token

OWN = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Browser:
    """A window of somebody's browser."""

    client: FlaskClient
    settings: Settings

    def sign_in(self, user_id: int, lifetime: timedelta = timedelta(hours=1)) -> TestResponse:
        token = issue_token(self.settings, user_id, lifetime, datetime.now(UTC))
        return self.post("/sign-in", {"token": token})

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers=headers)

    def post(self, path: str, fields: dict[str, str], **headers: str) -> TestResponse:
        return self.client.post(path, data=fields, headers={**OWN, **headers})

    def read(self, path: str) -> str:
        """The text of a page that has to be there, without its markup."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return text_of(answer)

    def form(self, path: str) -> dict[str, str]:
        """The hidden fields of a page's forms."""
        html = self.get(path).text
        return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html))


def text_of(answer: TestResponse) -> str:
    main = answer.text.partition("<main")[2]
    return unescape(" ".join(re.sub(r"<[^>]*>", " ", main).split()))
