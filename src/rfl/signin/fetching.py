"""Fetch the identity provider's keys over HTTP, from the one address that the settings name."""

import ssl
import time
from pathlib import Path
from typing import Final

import httpx2

from rfl.errors import Misconfigured

MOST_BYTES: Final = 262_144
WHOLE_SECONDS: Final = 8.0
_TIMEOUT: Final = httpx2.Timeout(3.0)
_HEADERS: Final = {
    "accept": "application/jwk-set+json, application/json",
    "accept-encoding": "identity",
    "user-agent": "rfl",
}


class KeyAddress:
    """Where the keys are. No redirect is followed, no proxy taken from the environment."""

    def __init__(self, url: str, ca_file: Path | None) -> None:
        self._url = url
        try:
            trusted = ssl.create_default_context(cafile=ca_file)
            trusted.minimum_version = ssl.TLSVersion.TLSv1_2
        except OSError as cause:
            raise Misconfigured("RFL_OIDC_CA_FILE holds no certificates.") from cause
        self._verify = trusted

    def fetch(self) -> bytes:
        """Return what stands there, or raise OSError; it is bounded in size and time."""
        try:
            with (
                httpx2.Client(
                    verify=self._verify, trust_env=False, timeout=_TIMEOUT, headers=_HEADERS
                ) as http,
                http.stream("GET", self._url) as found,
            ):
                if found.status_code != httpx2.codes.OK:
                    raise ConnectionError("the identity provider has no keys there")
                return _bounded(found)
        except (httpx2.HTTPError, httpx2.InvalidURL) as cause:
            raise ConnectionError("the identity provider cannot be reached") from cause


def _bounded(found: httpx2.Response) -> bytes:
    end = time.monotonic() + WHOLE_SECONDS
    body = bytearray()
    for part in found.iter_raw():
        body += part
        if len(body) > MOST_BYTES or time.monotonic() > end:
            raise ConnectionError("the keys are too many, or come too slowly")
    return bytes(body)
