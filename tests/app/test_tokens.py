"""Tokens and the keys that they are checked with."""

import hmac
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from freezegun import freeze_time

from app.jwks import KeySet, KeysUnavailable
from app.settings import Settings, load_settings
from app.tokens import InvalidToken, issue_token, read_token

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "a secret of the tests, 32 bytes or more"
HOUR = timedelta(hours=1)


def settings(**environ: str) -> Settings:
    servers = {"DATABASE_URL": "postgresql://u@h/d", "REDIS_URL": "redis://localhost"}
    public = {"JWT_JWKS_FILE", "JWT_JWKS_URL"} & set(environ)
    secret = {} if public else {"JWT_SECRET": SECRET}
    return load_settings({**servers, **secret, **environ})


def signed(
    claims: dict[str, Any], key: Any = SECRET, algorithm: str = "HS256", **headers: Any
) -> str:
    payload = {"sub": "7", "exp": NOW + HOUR, **claims}
    kept = {name: value for name, value in payload.items() if value is not None}
    # PyJWS, because the JWT layer refuses to write the wrong claims that these tests need
    text = json.dumps(kept, default=lambda moment: int(moment.timestamp())).encode()
    return jwt.PyJWS().encode(text, key, algorithm=algorithm, headers=headers or None)


def refused(token: str, found: Settings | None = None, now: datetime = NOW) -> str:
    with pytest.raises(InvalidToken) as caught:
        read_token(found or settings(), token, now)
    return str(caught.value)


@pytest.mark.parametrize("claim", ["exp", "nbf"])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_time_of_hundreds_of_digits_is_none(claim: str, sign: int) -> None:
    token = signed({claim: sign * 10**400})
    assert refused(token) == "A time in the token is not a number."


def test_an_issued_token_names_its_user_until_it_expires() -> None:
    token = issue_token(settings(), 7, HOUR, NOW)

    assert read_token(settings(), token, NOW) == 7
    assert read_token(settings(), token, NOW + HOUR - timedelta(seconds=1)) == 7
    assert refused(token, now=NOW + HOUR) == "The token has expired."


@freeze_time("2031-01-01")
def test_only_the_time_that_is_passed_in_counts() -> None:
    assert read_token(settings(), issue_token(settings(), 7, HOUR, NOW), NOW) == 7


def test_a_token_counts_from_its_nbf_on() -> None:
    token = signed({"nbf": NOW})

    assert read_token(settings(), token, NOW) == 7
    assert refused(token, now=NOW - timedelta(seconds=1)) == "The token is not valid yet."


@pytest.mark.parametrize("claim", ["exp", "sub"])
def test_exp_and_sub_are_required(claim: str) -> None:
    assert refused(signed({claim: None})) == f"The token has no {claim}."


@pytest.mark.parametrize("value", ["soon", True, [], float("inf"), "1e99"])
def test_a_time_has_to_be_a_finite_number(value: Any) -> None:
    assert refused(signed({"exp": value})) == "A time in the token is not a number."


@pytest.mark.parametrize(
    "subject",
    ["", "0", "-1", "01", "7 ", "x", "1.0", "\u0661", str(2**63), True, 1.5, 0, -1, [7], {}],
)
def test_a_sub_that_is_no_user_id_is_refused(subject: object) -> None:
    assert refused(signed({"sub": subject})) == "The token's sub is not a user id."


@pytest.mark.parametrize(("subject", "user_id"), [("7", 7), (7, 7), (str(2**63 - 1), 2**63 - 1)])
def test_a_sub_may_be_written_as_text_or_as_a_number(subject: object, user_id: int) -> None:
    assert read_token(settings(), signed({"sub": subject}), NOW) == user_id


def test_an_unsigned_token_is_refused() -> None:
    assert "algorithm" in refused(signed({}, key="", algorithm="none"))


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_another_algorithm_than_the_configured_one_is_refused(algorithm: str) -> None:
    key = SECRET * 2
    assert "algorithm" in refused(signed({}, key, algorithm), settings(JWT_SECRET=key))


def test_a_token_with_another_secret_is_refused() -> None:
    assert "signature" in refused(signed({}, "another secret, also of 32 bytes or more"))


def test_an_unknown_critical_extension_is_refused() -> None:
    assert "form" in refused(
        signed({}, crit=["http://example.com/x"], **{"http://example.com/x": 1})
    )


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "[" * 5000, "\ud800", "e30.e30.e30", "é"]
)
def test_rubbish_is_refused(token: str) -> None:
    refused(token)


def test_issuer_and_audience_are_checked_where_they_are_configured() -> None:
    strict = settings(JWT_ISSUER="https://id.school.example", JWT_AUDIENCE="booking")
    token = issue_token(strict, 7, HOUR, NOW)

    assert read_token(strict, token, NOW) == 7
    assert refused(signed({}), strict) in ("The token has no aud.", "The token has no iss.")
    wrong_audience = signed({"iss": "https://id.school.example", "aud": "shop"})
    assert refused(wrong_audience, strict) == "The token is for another audience."
    assert refused(signed({"iss": "x", "aud": "booking"}), strict) == (
        "The token is from another issuer."
    )
    assert read_token(settings(), token, NOW) == 7


class Issuer:
    """An identity provider with an RSA and an EC key."""

    def __init__(self) -> None:
        self.rsa = rsa.generate_private_key(65537, 2048)
        self.ec = ec.generate_private_key(ec.SECP256R1())

    def document(self, *names: str) -> dict[str, Any]:
        made = {
            "rsa": jwt.algorithms.RSAAlgorithm.to_jwk(self.rsa.public_key(), as_dict=True),
            "ec": jwt.algorithms.ECAlgorithm.to_jwk(self.ec.public_key(), as_dict=True),
            "oct": {"kty": "oct", "k": "c2VjcmV0" * 8, "alg": "HS256"},
        }
        return {"keys": [{**made[name], "kid": name} for name in names]}


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def public_keys(issuer: Issuer, tmp_path: Path) -> Settings:
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps(issuer.document("rsa", "ec", "oct")))
    return settings(JWT_JWKS_FILE=str(file))


def test_tokens_signed_with_a_key_of_the_set_are_accepted(
    issuer: Issuer, public_keys: Settings
) -> None:
    assert read_token(public_keys, signed({}, issuer.rsa, "RS256", kid="rsa"), NOW) == 7
    assert read_token(public_keys, signed({}, issuer.ec, "ES256", kid="ec"), NOW) == 7


def test_the_public_key_can_not_be_used_as_a_secret(issuer: Issuer, public_keys: Settings) -> None:
    pem = issuer.rsa.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    # PyJWT refuses to make this forgery, so it is made by hand
    head, body, _ = signed({}, kid="rsa").split(".")
    mac = hmac.digest(pem, f"{head}.{body}".encode(), "sha256")
    forged = f"{head}.{body}.{jwt.utils.base64url_encode(mac).decode()}"

    assert "algorithm" in refused(forged, public_keys)


def test_a_symmetric_key_in_the_set_is_not_used(public_keys: Settings) -> None:
    assert refused(signed({}, kid="oct"), public_keys) == (
        "The token is signed with an unknown key."
    )


@pytest.mark.parametrize(
    ("key", "algorithm", "kid"), [("rsa", "RS512", "rsa"), ("ec", "ES256", "rsa")]
)
def test_a_key_counts_for_its_own_algorithm_only(
    issuer: Issuer, public_keys: Settings, key: str, algorithm: str, kid: str
) -> None:
    refused(signed({}, getattr(issuer, key), algorithm, kid=kid), public_keys)


def test_a_token_without_a_key_id_is_refused_where_there_are_several_keys(
    issuer: Issuer, public_keys: Settings
) -> None:
    refused(signed({}, issuer.rsa, "RS256"), public_keys)


def test_tokens_can_not_be_issued_with_somebody_elses_keys(public_keys: Settings) -> None:
    with pytest.raises(ValueError, match="JWKS"):
        issue_token(public_keys, 7, HOUR, NOW)


class Endpoint:
    """A key set that counts how often it is read, and a clock."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document: dict[str, Any] | Exception = document
        self.reads = 0
        self.now = 0.0

    def read(self) -> dict[str, Any]:
        self.reads += 1
        if isinstance(self.document, Exception):
            raise self.document
        return self.document

    def keys(self) -> KeySet:
        return KeySet(self.read, lambda: self.now)


def test_keys_are_read_once_and_again_after_five_minutes(issuer: Issuer) -> None:
    endpoint = Endpoint(issuer.document("rsa"))
    keys = endpoint.keys()
    for now, reads in ((0, 1), (299, 1), (300, 2), (301, 2)):
        endpoint.now = now
        assert keys.find("rsa") is not None
        assert endpoint.reads == reads


def test_unknown_key_ids_make_no_storm_of_reads_and_a_new_key_is_found(issuer: Issuer) -> None:
    endpoint = Endpoint(issuer.document("rsa"))
    keys = endpoint.keys()
    assert all(keys.find(f"invented{i}") is None for i in range(100))
    assert endpoint.reads == 1

    endpoint.document = issuer.document("rsa", "ec")
    endpoint.now = 31
    assert keys.find("ec") is not None
    assert endpoint.reads == 2


def test_the_last_keys_stay_valid_while_the_issuer_is_away(issuer: Issuer) -> None:
    endpoint = Endpoint(issuer.document("rsa"))
    keys = endpoint.keys()
    keys.find("rsa")
    for failure in (OSError("away"), ValueError("not JSON")):
        endpoint.document = failure
        endpoint.now += 1000
        assert keys.find("rsa") is not None


def test_without_any_keys_nobody_can_be_judged(issuer: Issuer) -> None:
    endpoint = Endpoint(issuer.document("oct"))
    keys = endpoint.keys()
    for _ in range(3):
        with pytest.raises(KeysUnavailable):
            keys.find("oct")
    assert endpoint.reads == 1


class Pages(BaseHTTPRequestHandler):
    """An issuer's web server: its keys, and a redirect to them."""

    document = b""

    def do_GET(self) -> None:
        self.send_response(302 if self.path == "/moved" else 200)
        self.send_header("Location", "/jwks.json")
        self.end_headers()
        self.wfile.write(self.document)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture(scope="module")
def issuer_url(issuer: Issuer) -> Iterator[str]:
    Pages.document = json.dumps(issuer.document("rsa")).encode()
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_keys_are_read_from_a_url(issuer: Issuer, issuer_url: str) -> None:
    found = settings(JWT_JWKS_URL=f"{issuer_url}/jwks.json")

    assert read_token(found, signed({}, issuer.rsa, "RS256", kid="rsa"), NOW) == 7


def test_a_key_url_that_redirects_is_not_followed(issuer: Issuer, issuer_url: str) -> None:
    found = settings(JWT_JWKS_URL=f"{issuer_url}/moved")

    with pytest.raises(KeysUnavailable):
        read_token(found, signed({}, issuer.rsa, "RS256", kid="rsa"), NOW)
