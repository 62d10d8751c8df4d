"""What commands for officers share: whose token calls which node, and where a body comes from.

What is said about people is read from a file or from standard input, never from the command line:
that stays in the shell's history, and everyone on the machine can see it.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from rfl import wiring
from rfl.client.calls import Client
from rfl.domain.purpose import Purpose
from rfl.errors import InvalidInput

Token = Annotated[Path, typer.Option("--token-file", help="File with the token of who does this.")]
Url = Annotated[str | None, typer.Option("--url", help="The node; default: RFL_HOST, RFL_PORT.")]
Why = Annotated[Purpose, typer.Option("--purpose", help="Why the data is opened.")]
Most = Annotated[int, typer.Option("--limit", min=1, help="At most so many.")]
Body = Annotated[Path | None, typer.Argument(metavar="FILE", help="JSON; - reads standard input.")]


def client(token_file: Path, url: str | None, purpose: Purpose) -> Client:
    """Return the calls of whoever the token speaks for."""
    try:
        token = token_file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as cause:
        raise InvalidInput("--token-file", "must be a text file that can be read") from cause
    return Client(url or _here(), token, purpose=purpose)


def body_of(file: Path | None, named: Mapping[str, str | None]) -> dict[str, Any]:
    """Return the JSON object of a file with the ids that options name; without a file, these."""
    said: object = {} if file is None else _parsed(file)
    if not isinstance(said, dict):
        raise InvalidInput("FILE", "must be a JSON object")
    return said | {name: value for name, value in named.items() if value is not None}


def _parsed(file: Path) -> object:
    try:
        content = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
        return json.loads(content)
    except (OSError, ValueError) as cause:
        raise InvalidInput("FILE", "must be JSON that can be read") from cause


def _here() -> str:
    chosen = wiring.settings()
    return f"http://{chosen.host}:{chosen.port}"
