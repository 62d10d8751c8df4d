"""The way to the node under test: signed calls by the transport of nodes, and bare bytes."""

import socket
import ssl
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from rfl.conformance.play import Connection
from rfl.errors import InvalidInput

_TIMEOUT: Final = 10.0
_RESET: Final = struct.pack("ii", 1, 0)


def connector(url: str, ca_file: Path | None) -> Callable[[], Connection]:
    """Return what opens connections of bytes to a node's address, or raise InvalidInput."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidInput("URL", "must be the address of a node")
    secure = parts.scheme == "https"
    where = (parts.hostname, parts.port or (443 if secure else 80))
    context = ssl.create_default_context(cafile=ca_file) if secure else None

    def connect() -> Connection:
        bare = socket.create_connection(where, _TIMEOUT)
        line = context.wrap_socket(bare, server_hostname=where[0]) if context else bare
        return Connection(line.sendall, line.recv, line.close, lambda: _reset(line))

    return connect


def _reset(line: socket.socket) -> None:
    """Break the connection without a farewell: the other side reads an error."""
    with suppress(OSError):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    line.close()
