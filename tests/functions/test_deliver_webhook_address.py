"""deliver_webhook: which addresses are public, and which URLs may be asked for."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.deliver_webhook.address import is_loopback, is_public
from functions.deliver_webhook.url import check_url

FORBIDDEN = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "255.255.255.255/32",
    "::/128",
    "::1/128",
    "::a00:0/104",  # IPv4-compatible 10.0.0.0/8
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/32",  # Teredo
    "2001:db8::/32",
    "2002::/16",
    "fc00::/7",
    "fd00:ec2::254/128",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
]


def mapped(address: IPv4Address) -> IPv6Address:
    return IPv6Address(int(IPv6Address("::ffff:0:0")) | int(address))


def translated(address: IPv4Address) -> IPv6Address:
    return IPv6Address(int(IPv6Address("64:ff9b::")) | int(address))


@pytest.mark.parametrize("network", FORBIDDEN)
@given(data=st.data())
def test_no_address_of_a_special_network_is_public(network: str, data: st.DataObject) -> None:
    inside = ip_network(network)
    address = inside[data.draw(st.integers(0, inside.num_addresses - 1))]

    assert not is_public(address)


@given(st.ip_addresses(v=4).filter(lambda address: not is_public(address)))
def test_forbidden_address_is_forbidden_in_every_disguise(address: IPv4Address) -> None:
    six_to_four = IPv6Network((int(IPv6Address("2002::")) | int(address) << 80, 48))

    assert not is_public(mapped(address))
    assert not is_public(translated(address))
    assert not is_public(six_to_four[1])


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "93.184.215.14",
        "172.15.0.1",
        "172.32.0.1",
        "2606:4700::1111",
        "2a05:d014::1",
        "::ffff:1.1.1.1",
        "64:ff9b::101:101",
    ],
)
def test_host_of_the_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


def test_address_with_a_zone_is_not_public() -> None:
    assert not is_public(ip_address("2606:4700::1111%eth0"))


@pytest.mark.parametrize(
    ("address", "is_own"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("0.0.0.0", False),  # noqa: S104 -- an address to refuse, nothing is bound to it
        ("10.0.0.1", False),
        ("1.1.1.1", False),
        ("2606:4700::1111", False),
    ],
)
def test_loopback_is_the_machine_itself(address: str, *, is_own: bool) -> None:
    assert is_loopback(ip_address(address)) is is_own


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/orders?tenant=7#x",
        "https://hooks.example.com:8443/",
        "https://hooks.example.com:443",
        "https://1.1.1.1/",
        "https://[2606:4700::1111]/",
        "https://xn--bcher-kva.example/",
        "http://127.0.0.1:8080/hook",
        "http://localhost:8080/hook",
        "http://[::1]:8080/hook",
    ],
)
def test_receiver_url_is_accepted(url: str) -> None:
    assert check_url(url) == url


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://hooks.example.com/", "must start with https://, got http://"),
        ("http://169.254.169.254/latest/meta-data/", "must start with https://"),
        ("https://169.254.169.254/latest/meta-data/", "public internet, got 169.254.169.254"),
        ("https://[fd00:ec2::254]/latest/", "public internet, got fd00:ec2::254"),
        ("https://[::ffff:10.0.0.1]/", "public internet"),
        ("https://[64:ff9b::a00:1]/", "public internet"),
        ("https://10.0.0.1/", "public internet"),
        ("file:///etc/passwd", "must start with https://, got 'file'"),
        ("gopher://example.com/", "must start with https://, got 'gopher'"),
        ("//example.com/", "must start with https://, got ''"),
        ("", "must start with https://"),
        ("https:///orders", "must name a host"),
        ("https://ada:secret@example.com/", "no user name or password"),
        ("https://@example.com/", "no user name or password"),
        ("https://example.com:22/", "port must be 443 or at least 1024.* got 22"),
        ("https://example.com:0/", "port must be 443"),
        ("https://example.com:70000/", "[Pp]ort"),
        ("https://example.com:x/", "[Pp]ort"),
        ("https://[::1/", "Invalid IPv6 URL"),
        ("https://example.com\\@10.0.0.1/", "without spaces and backslashes"),
        ("https://example.com/a b", "without spaces and backslashes"),
        ("https://example.com/\r\nX: y", "printable ASCII"),
        ("https://b\u00fccher.example/", "printable ASCII"),
        (f"https://example.com/{'a' * 2_048}", "at most 2048 characters, got 2068"),
    ],
)
def test_url_that_is_no_receiver_is_refused_with_its_reason(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check_url(url)
