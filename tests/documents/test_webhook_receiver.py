"""docs/webhooks.md: the receiver shown takes what is ours, once, and nothing else."""

import json
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from tests.documents.markdown import block

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw6mH2tXIWlPk="
BODY = json.dumps({"id": "1", "type": "webhook.test", "data": {}})


def test_the_receiver_verifies_what_comes_and_asks_whether_it_came_before() -> None:
    asked: list[str] = []
    names = {"secret": SECRET, "seen_before": lambda known: asked.append(known) or True}
    exec(block("docs/webhooks.md", "from standardwebhooks").text, names)
    now = datetime.now(UTC)
    headers = {
        "webhook-id": "event-1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("event-1", now, BODY),
    }

    names["receive"](BODY.encode(), headers)
    with pytest.raises(WebhookVerificationError):
        names["receive"](BODY.replace("1", "2").encode(), headers)
    assert asked == ["event-1"]
