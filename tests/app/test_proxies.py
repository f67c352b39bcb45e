"""Whose address the audit log has, where a proxy stands in front."""

from dataclasses import replace

import pytest

from app import create_app
from app.settings import Settings
from tests.app.visitors import Visitor
from tests.school import School

FORWARDED = "203.0.113.9, 192.0.2.7"
"""What a client made up, and what the proxy in front of us saw."""


@pytest.mark.parametrize(("proxies", "source"), [(0, "127.0.0.1"), (1, "192.0.2.7")])
def test_the_audit_log_has_the_address_that_our_own_proxy_saw(
    proxies: int, source: str, school: School, settings: Settings
) -> None:
    client = create_app(replace(settings, proxies=proxies)).test_client()
    staff = Visitor(client, settings, school.person("STAFF"))
    body = {"url": "https://receiver.example/"}
    assert staff.post("/api/admin/webhooks", body, X_Forwarded_For=FORWARDED).status_code == 201

    (entry,) = staff.items("/api/admin/audit")
    assert entry["source"] == source
