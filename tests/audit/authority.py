"""A time-stamping authority over HTTP: certificates and answers (RFC 3161) made with asn1crypto."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_POLICY = "1.3.6.1.4.1.32473.1"


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@dataclass
class Authority:
    """A root, a certificate for stamping under it, and what it does with the next request."""

    at: datetime
    mood: str = "good"
    asked: int = 0
    root_key: rsa.RSAPrivateKey = field(init=False)
    key: rsa.RSAPrivateKey = field(init=False)
    root: x509.Certificate = field(init=False)
    certificate: x509.Certificate = field(init=False)
    url: str = ""

    def __post_init__(self) -> None:
        self.root_key, self.key = (rsa.generate_private_key(65_537, 2_048) for _ in "ab")
        day = timedelta(days=1)

        def begun(subject: str, key: rsa.RSAPrivateKey) -> x509.CertificateBuilder:
            return (
                x509.CertificateBuilder()
                .subject_name(_name(subject))
                .issuer_name(_name("root of a test"))
                .public_key(key.public_key())
                .serial_number(x509.random_serial_number())
                .not_valid_before(self.at - day)
                .not_valid_after(self.at + day)
            )

        root = begun("root of a test", self.root_key)
        root = root.add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        own = x509.SubjectKeyIdentifier.from_public_key(self.root_key.public_key())
        self.root = root.add_extension(own, False).sign(self.root_key, hashes.SHA256())
        stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        leaf = begun("authority of a test", self.key).add_extension(stamping, True)
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.root_key.public_key())
        self.certificate = leaf.add_extension(above, False).sign(self.root_key, hashes.SHA256())

    def write_root(self, path: Path) -> Path:
        path.write_bytes(self.root.public_bytes(serialization.Encoding.PEM))
        return path

    def answer(self, raw: bytes) -> bytes:
        """The answer to a request, in the present mood."""
        self.asked += 1
        asked = tsp.TimeStampReq.load(raw)
        if self.mood == "refusing":
            status = {"status": "rejection"}
            return bytes(tsp.TimeStampResp({"status": status}).dump())
        imprint = asked["message_imprint"]
        if self.mood == "other":
            digest = hashlib.sha256(b"something else").digest()
            imprint = tsp.MessageImprint(
                {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest}
            )
        info = tsp.TSTInfo(
            {
                "version": "v1",
                "policy": _POLICY,
                "message_imprint": imprint,
                "serial_number": self.asked,
                "gen_time": self.at,
                "nonce": asked["nonce"] if self.mood != "replaying" else core.Integer(7),
            }
        )
        token = self._signed(info.dump())
        return bytes(
            tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump()
        )

    def _signed(self, info: bytes) -> cms.ContentInfo:
        der = self.certificate.public_bytes(serialization.Encoding.DER)
        certificate = asn1_x509.Certificate.load(der)
        essential = tsp.SigningCertificateV2(
            {"certs": [{"cert_hash": hashlib.sha256(der).digest()}]}
        )
        attributes = cms.CMSAttributes(
            [
                _attribute("content_type", "tst_info"),
                _attribute("message_digest", hashlib.sha256(info).digest()),
                _attribute("signing_certificate_v2", essential),
            ]
        )
        value = self.key.sign(attributes.dump(), padding.PKCS1v15(), hashes.SHA256())
        signer: dict[str, Any] = {
            "version": "v1",
            "sid": {
                "issuer_and_serial_number": {
                    "issuer": certificate.issuer,
                    "serial_number": certificate.serial_number,
                }
            },
            "digest_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
            "signed_attrs": attributes,
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"}),
            "signature": value,
        }
        content = {
            "version": "v3",
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": {
                "content_type": "tst_info",
                "content": core.ParsableOctetString(info),
            },
            "certificates": [certificate],
            "signer_infos": [signer],
        }
        return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(content)})


def _attribute(kind: str, value: object) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": kind, "values": [value]})


@contextmanager
def serving(authority: Authority) -> Iterator[Authority]:
    """The authority behind a real socket."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/timestamp-query"
            content = b"busy" if authority.mood == "broken" else authority.answer(raw)
            if authority.mood == "endless":
                content = b"0" * 200_000
            self.send_response(503 if authority.mood == "broken" else 200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *_words: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    authority.url = f"http://127.0.0.1:{server.server_port}/stamp"
    yield authority
    server.shutdown()
    server.server_close()
    thread.join()


NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
