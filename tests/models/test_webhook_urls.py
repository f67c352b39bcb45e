"""Which URLs events can be sent to, and which addresses are of the public internet."""

import pytest

from models.webhook_url import LONGEST_URL, UnfitUrl, host_of, is_local_name, is_public


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://hooks.school.example/a?b=c#d", "hooks.school.example"),
        ("http://Hooks.School.example:8080", "hooks.school.example"),
        ("http://192.0.2.1/", "192.0.2.1"),
        ("http://[2001:db8::1]:80/", "2001:db8::1"),
        ("http://2130706433", "2130706433"),
        ("https://" + "h" * (LONGEST_URL - 8), None),
    ],
)
def test_a_url_with_a_host_is_taken(url: str, host: str | None) -> None:
    if host is None:
        with pytest.raises(UnfitUrl, match="host"):
            host_of(url)
    else:
        assert host_of(url) == host


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "printable"),
        ("ftp://school.example", "http://"),
        ("HTTP://school.example", "http://"),
        ("file:///etc/passwd", "http://"),
        ("//school.example", "http://"),
        ("school.example", "http://"),
        ("http://", "host"),
        ("http:///path", "host"),
        ("http://:80", "host"),
        ("http://user@school.example", "user"),
        ("http://user:password@school.example", "user"),
        ("http://a.example\\@127.0.0.1", "user"),
        ("http://a.example\\.b.example", "host"),
        ("http://a b.example", "blanks"),
        ("http://a.example/\n", "printable"),
        ("http://münchen.example", "ASCII"),
        ("http://school.example:0", "port"),
        ("http://school.example:65536", "URL"),
        ("http://school.example:x", "URL"),
        ("http://[::1", "URL"),
        ("http://[v1.x]/", "URL|host"),
        ("https://school.example/" + "p" * LONGEST_URL, "characters"),
    ],
)
def test_what_nothing_can_be_sent_to_is_refused_with_a_reason(url: str, says: str) -> None:
    with pytest.raises(UnfitUrl, match=says):
        host_of(url)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_addresses_of_the_public_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.0.1"),
        *("169.254.169.254", "100.64.0.1", "192.0.0.192", "192.0.2.1", "198.18.0.1"),
        *(
            "192.88.99.1",
            "168.63.129.16",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
        ),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1"),
        *("ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::127.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b:1::808:808", "2002:7f00:1::", "2002:808:808::"),
        *("2001::1", "2001:0:808:808::1", "2001:db8::1", "3fff::1", "100::1", "5f00::1"),
        *("localhost", "", "8.8.8", "hooks.school.example"),
    ],
)
def test_all_others_are_not_whatever_they_are_wrapped_in(address: str) -> None:
    assert not is_public(address)


def test_this_machine_is_local_by_any_of_its_names() -> None:
    assert all(map(is_local_name, ["localhost", "LocalHost.", "a.localhost"]))
    assert not any(map(is_local_name, ["localhost.example", "hooks.school.example"]))
