"""Ports for servers are never where the machine takes ports for outgoing connections: one was stolen there once."""

import socket
from pathlib import Path

import pytest

from embedded import ports
from gateway.demo.stack import a_free_pair


def test_no_outgoing_connection_can_take_a_port_between_our_look_and_the_servers_bind() -> None:
    first_outgoing = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert max(ports.free_port() for _ in range(300)) < first_outgoing
    assert max(a_free_pair() for _ in range(300)) + 1 < first_outgoing


def test_neighbours_are_free_together(monkeypatch: pytest.MonkeyPatch) -> None:
    first = ports.free_port(in_a_row=3)
    monkeypatch.setattr(ports, "FIRST", first)
    monkeypatch.setattr(ports, "COUNT", 3)
    with socket.create_server((ports.LOOPBACK, first + 2)):
        assert {ports.free_port(in_a_row=2) for _ in range(20)} == {first}
