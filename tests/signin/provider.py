"""An identity provider for tests: its keys, its tokens, and its keys' address over real HTTP."""

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from rfl.signin.access_token import Expected
from rfl.signin.issuer import Issuer
from tests.support import Clock

ISSUER, AUDIENCE = "https://id.example", "https://rfl.north.example"
NOW = int(Clock().now.timestamp())
ALGORITHMS = frozenset({"RS256", "PS256", "ES256", "ES384", "Ed25519"})


@cache
def make_key(name: str = "first", algorithm: str = "ES256") -> Key:
    """A private key that goes by this name; the same for the same name."""
    named = {"kid": name, "use": "sig", "alg": algorithm}
    if algorithm in ("RS256", "PS256"):
        return RSAKey.generate_key(2048, named)
    if algorithm == "Ed25519":
        return OKPKey.generate_key("Ed25519", named)
    return ECKey.generate_key("P-384" if algorithm == "ES384" else "P-256", named)


def key_set(*keys: Key) -> bytes:
    """The public keys as a JWK set."""
    listed = [key.as_dict(private=isinstance(key, OctKey)) for key in keys or (make_key(),)]
    return json.dumps({"keys": listed}).encode()


def make_issuer(*keys: Key) -> Issuer:
    """An issuer whose keys are at hand."""
    return Issuer(Expected(ISSUER, AUDIENCE, ALGORITHMS), lambda: key_set(*keys))


def make_token(
    key: Key | None = None, header: Mapping[str, Any] | None = None, **claims: Any
) -> str:
    """An access token as RFC 9068 has it; claims and header fields that are None are left out."""
    signing = key or make_key()
    named = {"typ": "at+jwt", "alg": signing.get("alg", "ES256"), "kid": signing.kid}
    said = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "ana",
        "client_id": "desk",
        "jti": "one",
        "iat": NOW,
        "exp": NOW + 600,
    }
    fields = _given(named | dict(header or {}))
    content = f"{part(fields)}.{part(_given(said | claims))}"
    signature = JWSRegistry.algorithms[fields["alg"]].sign(content.encode(), signing)
    return f"{content}.{_base64(signature)}"


def part(fields: Mapping[str, Any]) -> str:
    """One part of a token; the library would refuse to write some of what tests want."""
    return _base64(json.dumps(fields).encode())


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


class Provider:
    """What stands at the keys' address: a body and a status, and how often it was asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.body = key_set()
        self.status = 200
        self.asked = 0


@contextmanager
def serve_keys() -> Iterator[Provider]:
    """A server on this machine with the keys."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked += 1
            self.send_response(provider.status)
            self.send_header("Content-Length", str(len(provider.body)))
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(provider.body)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = Provider(f"http://127.0.0.1:{server.server_address[1]}/keys")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
