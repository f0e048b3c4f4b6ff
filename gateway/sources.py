"""Addresses from which Safaricom calls, as far as anybody knows: others are told, and refused only where told so.

The USSD and SMS gateway's own list (USSD_ADDRESSES) is read and asked here too; it is empty until an operator gives it.

Safaricom publishes no list with a date. This one was collected from public integrations in November 2026; lists drift,
and one that is short would turn real payments away. What proves a payment is its token, never an address.
"""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, collapse_addresses, ip_address, ip_network

Network = IPv4Network | IPv6Network

COLLECTED = (
    *("196.201.214.200", "196.201.214.206", "196.201.214.207", "196.201.214.208", "196.201.213.114", "196.201.213.44"),
    *("196.201.212.127", "196.201.212.128", "196.201.212.129", "196.201.212.132", "196.201.212.136", "196.201.212.138"),
    *("196.201.212.69", "196.201.212.74"),
)

# What a list may hold together: a /8 of IPv4, a /16 of IPv6. Safaricom's are a few networks of 256; more is a door
# that stands open, in one piece or in many.
MOST_IPV4, MOST_IPV6 = 2**24, 2**112


def read(listed: str) -> list[Network]:
    """Addresses and networks with commas between them. Raises ValueError."""
    return [ip_network(one.strip(), strict=False) for one in listed.split(",") if one.strip()]


def is_open(networks: Sequence[Network]) -> bool:
    """Whether the list lets in about everybody: counted together, for two halves are the whole."""
    four = collapse_addresses(network for network in networks if isinstance(network, IPv4Network))
    six = collapse_addresses(network for network in networks if isinstance(network, IPv6Network))
    return (
        sum(network.num_addresses for network in four) > MOST_IPV4
        or sum(network.num_addresses for network in six) > MOST_IPV6
    )


def is_listed(address: str | None, networks: Sequence[Network], *, at_home: bool) -> bool:
    """Whether this caller's address is on the list; `at_home` this machine is, as in a demo. IPv4 in IPv6 is IPv4."""
    try:
        caller = ip_address(address or "")
    except ValueError:
        return False
    if isinstance(caller, IPv6Address) and caller.ipv4_mapped is not None:
        caller = caller.ipv4_mapped
    return (at_home and caller.is_loopback) or any(caller in network for network in networks)
