"""Servers that cannot be reached, or not be trusted: such a call was never made, so it was free."""

import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from observability.llm import failures
from observability.llm.failures import Failure, Kind
from observability.models import ModelProfile
from tests.wire import WireServer
from tests.wire.profiles import SDKS, Asker, Profiler

pytest_plugins = ["tests.wire.fixtures"]

each_sdk = pytest.mark.parametrize("provider", SDKS)


def failure_of(ask: Asker, profile: ModelProfile) -> Failure:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the class is the SDK's
        ask(profile)
    return failures.classify(caught.value, profile)


@each_sdk
def test_a_closed_port_was_never_reached(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    failure = failure_of(ask, wired_profile(provider, base_url=f"http://127.0.0.1:{port}/v1"))
    assert (failure.kind, failure.free) == (Kind.TRANSIENT, True)
    assert f"127.0.0.1:{port} cannot be reached" in failure.message


@each_sdk
def test_a_name_that_nobody_has_was_never_reached(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str
) -> None:
    failure = failure_of(ask, wired_profile(provider, base_url="http://nobody.invalid/v1"))
    assert (failure.kind, failure.free) == (Kind.TRANSIENT, True)
    assert "nobody.invalid cannot be reached" in failure.message


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port that accepts nobody any more: its queue is full."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]
        for one in waiting:
            one.close()


@each_sdk
def test_a_connection_that_never_opens_is_free(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str, full_port: int
) -> None:
    profile = wired_profile(
        provider, base_url=f"http://127.0.0.1:{full_port}/v1", timeout_seconds=1
    )
    failure = failure_of(ask, profile)
    assert (failure.kind, failure.free) == (Kind.TRANSIENT, True), failure.message


@each_sdk
def test_a_server_without_tls_is_a_wrong_address(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str
) -> None:
    secure = wired.openai_url.replace("http:", "https:")
    failure = failure_of(ask, wired_profile(provider, base_url=secure))
    assert (failure.kind, failure.free) == (Kind.FATAL, True)
    assert "no secure connection" in failure.message


@pytest.fixture
def self_signed(tmp_path: Path) -> Iterator[int]:
    """The port of a server whose certificate nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_shake_hands, args=(listening, context), daemon=True).start()
        yield listening.getsockname()[1]


def _shake_hands(listening: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return  # the test is over
        with connection:
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                continue  # the client did not like the certificate


@each_sdk
def test_a_certificate_that_nobody_vouches_for_is_fatal(
    wired: WireServer, wired_profile: Profiler, ask: Asker, provider: str, self_signed: int
) -> None:
    failure = failure_of(
        ask, wired_profile(provider, base_url=f"https://127.0.0.1:{self_signed}/v1")
    )
    assert (failure.kind, failure.free) == (Kind.FATAL, True)
    assert "self-signed certificate" in failure.message
    assert "SSL_CERT_FILE" in failure.message
