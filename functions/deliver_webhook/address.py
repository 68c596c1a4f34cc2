"""Which network addresses are the public internet.

Everything else is where a webhook could reach what it should not: metadata services, neighbours in
a private network, the machine itself. What is not known to be public is refused.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

type Address = IPv4Address | IPv6Address

# https://www.iana.org/assignments/ipv6-unicast-address-assignments
_GLOBAL_UNICAST = IPv6Network("2000::/3")
# Addresses that carry an IPv4 address to a translator. The well-known NAT64 prefix is in use, so
# what it carries is judged (RFC 6052); 6to4 and its relays are deprecated (RFC 7526).
_NAT64 = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_SIX_TO_FOUR_RELAYS = IPv4Network("192.88.99.0/24")


def is_public(address: Address) -> bool:
    """Whether ``address`` is a host of the public internet, seen through what it embeds."""
    host = embedded(address)
    if not host.is_global or host.is_multicast:
        return False
    if isinstance(host, IPv4Address):
        return host not in _SIX_TO_FOUR_RELAYS
    return host in _GLOBAL_UNICAST and host not in _SIX_TO_FOUR and host.scope_id is None


def is_loopback(address: Address) -> bool:
    """Whether ``address`` is the machine itself."""
    return embedded(address).is_loopback


def embedded(address: Address) -> Address:
    """The IPv4 address that a mapped or NAT64 address stands for; any other address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address
