"""Requests go to the address that was checked, and nowhere else."""

import socket
from typing import Any

import pytest
from django.conf import LazySettings

from reqplatform.security.outbound import RefusedAddressError, UnreachableError, post


def answers(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Name resolution that answers one address after the other; who was asked for."""
    asked: list[str] = []

    def resolve(host: str, port: int, *rest: Any, **more: Any) -> list[Any]:
        asked.append(host)
        address = addresses[min(len(asked), len(addresses)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def test_a_name_that_turns_inward_reaches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    connected: list[Any] = []

    def connect(address: Any, *args: Any, **more: Any) -> Any:
        connected.append(address[0])
        raise ConnectionRefusedError

    asked = answers(monkeypatch, "93.184.216.34", "127.0.0.1")
    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    with pytest.raises(UnreachableError):
        post("https://turning.example/", b"", {})
    assert asked == ["turning.example"]  # looked up once
    assert connected == ["93.184.216.34"]


def test_one_inner_address_among_several_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "192.168.1.4")
    with pytest.raises(RefusedAddressError, match=r"x\.example is 192\.168\.1\.4"):
        post("https://x.example/", b"", {})


@pytest.mark.parametrize(
    "address",
    ["0.0.0.0", "100.64.0.1", "172.16.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1"],  # noqa: S104
)
def test_addresses_that_are_not_the_internet(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    answers(monkeypatch, address)
    with pytest.raises(RefusedAddressError):
        post("https://x.example/", b"", {})


def test_a_host_that_is_allowed_by_name(
    monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    settings.OUTBOUND_ALLOW = ["Relay.example"]
    answers(monkeypatch, "127.0.0.1")
    with pytest.raises(UnreachableError):  # asked, but nobody is there
        post("https://relay.example:9/", b"", {})


def test_a_host_is_tried_at_each_of_its_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    connected: list[Any] = []

    def connect(address: Any, *args: Any, **more: Any) -> Any:
        connected.append(address[0])
        raise ConnectionRefusedError

    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))
        for address in ("93.184.216.34", "93.184.216.35")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: found)
    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    with pytest.raises(UnreachableError, match=r"two\.example did not answer"):
        post("https://two.example/", b"", {})
    assert connected == ["93.184.216.34", "93.184.216.35"]
