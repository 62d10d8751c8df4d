"""A syslog collector over TLS with a certificate of its own."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"


def make_certificate(folder: Path, host: str = HOST) -> tuple[Path, Path]:
    """A self-signed certificate for a host, and its key, as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "collector of a test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(exist_ok=True)
    certificate, secret = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pkcs8 = serialization.PrivateFormat.PKCS8
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, pkcs8, plain))
    return certificate, secret


@dataclass
class Collector:
    """Reads RFC 5425 frames. `breaks_after` ends each connection without an answer that early."""

    listener: socket.socket
    context: ssl.SSLContext
    breaks_after: int | None = None
    messages: list[bytes] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def serve(self) -> None:
        while True:
            try:
                plain, _address = self.listener.accept()
            except OSError:
                return
            with plain:
                try:
                    self._read(self.context.wrap_socket(plain, server_side=True))
                except OSError:
                    continue

    def _read(self, secure: ssl.SSLSocket) -> None:
        content, taken = b"", 0
        with secure:
            while part := secure.recv(65_536):
                content += part
                while (frame := _first_frame(content)) is not None:
                    message, content = frame
                    self.messages.append(message)
                    self.arrived.set()
                    taken += 1
                    if self.breaks_after is not None and taken >= self.breaks_after:
                        return
            secure.unwrap()


@contextmanager
def running(certificate: Path, key: Path, port: int = 0) -> Iterator[Collector]:
    """A collector on a free port, or on this one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = socket.create_server((HOST, port))
    collector = Collector(listener, context)
    thread = threading.Thread(target=collector.serve)
    thread.start()
    yield collector
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def _first_frame(content: bytes) -> tuple[bytes, bytes] | None:
    length, space, rest = content.partition(b" ")
    if not space or len(rest) < int(length):
        return None
    return rest[: int(length)], rest[int(length) :]
