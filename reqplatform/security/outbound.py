"""Requests that this installation makes to addresses that people typed: never to its own network.

A name is resolved once, every address that it has must be one of the public internet, and the
connection goes to the address that was checked: a name that resolves to something else a moment
later reaches nothing. Redirects are not followed. OUTBOUND_ALLOW lists what an administrator allows
besides: hosts by name, or networks (10.1.0.0/16), such as a relay inside.
"""

import ipaddress
import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import urllib3
from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
SECONDS, MOST_BYTES = 10.0, 10_000
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class RefusedAddressError(ValueError):
    """An address that is not asked; the message says why and what to do."""


class UnreachableError(OSError):
    """Nobody answered, or not in time."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str  # the first 10,000 bytes


def check_url(url: str) -> SplitResult:
    """The parts of a URL whose form is right. Raises RefusedAddressError."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise RefusedAddressError(f"This is no address: {error}.") from error
    if parts.scheme not in {"https", "http"} or not host:
        raise RefusedAddressError("An address begins with https:// and names a host.")
    if parts.username or parts.password:
        raise RefusedAddressError("Leave user name and password out of the address.")
    if parts.scheme == "http" and not is_allowed(host):
        raise RefusedAddressError("Use https: what is sent would be readable on the way.")
    return parts


def is_allowed(host: str) -> bool:
    """Whether an administrator allows this host by its name or, if it is an address, by that."""
    allowed = {entry.casefold() for entry in settings.OUTBOUND_ALLOW}
    if host.casefold() in allowed:
        return True
    try:
        return _is_in_allowed(ipaddress.ip_address(host))
    except ValueError:
        return False


def addresses_of(host: str, port: int) -> list[str]:
    """Where a host is, all of it public or allowed. Raises RefusedAddressError where one is not,
    UnreachableError for a name that nobody knows."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnreachableError(f"The host {host} is not known: {error}.") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not is_allowed(host):
        for address in addresses:
            if not _is_public(ipaddress.ip_address(address.partition("%")[0])):
                raise RefusedAddressError(
                    f"{host} is {address}, inside a network that is not the internet. An "
                    "administrator can allow it in OUTBOUND_ALLOW."
                )
    return addresses


def _is_in_allowed(address: Address) -> bool:
    for entry in settings.OUTBOUND_ALLOW:
        try:
            if address in ipaddress.ip_network(entry, strict=False):
                return True
        except ValueError:
            continue  # the name of a host
    return False


def _is_public(address: Address) -> bool:
    """Also of the IPv4 address that an IPv6 address carries (mapped, 6to4, Teredo, NAT64)."""
    if _is_in_allowed(address):
        return True
    if isinstance(address, ipaddress.IPv6Address):
        carried = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _NAT64:
            carried.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if any(one is not None and not _is_public(one) for one in carried):
            return False
        if address.ipv4_mapped is not None:
            return True  # it is that address
    return address.is_global and not address.is_multicast


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Raises RefusedAddressError where it may not go, UnreachableError where nobody answers within
    15 seconds, however slowly: urllib3's own limit begins anew with every byte."""
    executor = ThreadPoolExecutor(1)
    try:
        return executor.submit(_post, url, body, headers).result(timeout=1.5 * SECONDS)
    except TimeoutError as error:
        raise UnreachableError("The receiver did not answer in time.") from error
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    parts = check_url(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    named = f"[{host}]" if ":" in host else host
    said = {**headers, "Host": f"{named}:{parts.port}" if parts.port else named}
    addresses = addresses_of(host, port)
    timeout = urllib3.Timeout(total=SECONDS, connect=SECONDS / (1 + len(addresses)))
    for address in addresses:
        pool: urllib3.HTTPConnectionPool
        if parts.scheme == "https":
            pool = urllib3.HTTPSConnectionPool(
                address, port, timeout=timeout, server_hostname=host, assert_hostname=host
            )
        else:
            pool = urllib3.HTTPConnectionPool(address, port, timeout=timeout)
        try:
            return _ask(pool, host, path, body, said)
        except _NoConnectionError:
            if address == addresses[-1]:
                raise
    raise UnreachableError(f"The host {host} has no address.")


class _NoConnectionError(UnreachableError):
    """Nothing was sent to this address; the host may have another."""


def _ask(
    pool: urllib3.HTTPConnectionPool, host: str, path: str, body: bytes, headers: Mapping[str, str]
) -> Answer:
    try:
        answer = pool.request(
            "POST",
            path,
            body=body,
            headers=headers,
            redirect=False,
            retries=False,
            preload_content=False,
        )
        text = answer.read(MOST_BYTES, decode_content=False).decode("utf-8", "replace")
        found = Answer(answer.status, dict(answer.headers), text)
        answer.close()
    except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError) as error:
        raise _NoConnectionError(f"{host} did not answer: {_said(error)}.") from error
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise UnreachableError(f"{host} did not answer: {_said(error)}.") from error
    finally:
        pool.close()
    return found


def _said(error: Exception) -> str:
    return type(error).__name__.removesuffix("Error") or "error"
