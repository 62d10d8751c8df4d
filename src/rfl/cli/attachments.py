"""`rfl case attachment`: photos and documents of a case, also those that came with a letter."""

from pathlib import Path
from typing import Annotated

import typer

from rfl.cli import calling, sealing, show, tables
from rfl.domain.attachment import BEGINNINGS
from rfl.domain.purpose import Purpose
from rfl.errors import InvalidInput

app = typer.Typer(no_args_is_help=True, help="Photos and documents of cases.")

_Case = Annotated[str, typer.Argument(metavar="CASE", help="Id of the case.")]
_Attachment = Annotated[str, typer.Argument(metavar="ATTACHMENT", help="Id of the attachment.")]
_WHY = Purpose.TRACING


@app.command(
    "add",
    epilog=show.examples(
        "rfl case attachment add cas_... her.jpg --shows per_... --token-file me",
        "rfl case attachment add cas_... certificate.pdf --token-file me",
    ),
)
def add(
    case: _Case,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A JPEG, PNG or PDF.")],
    *,
    token: calling.Token,
    shows: Annotated[
        str | None, typer.Option(help="Id of the person of the case whose picture it is.")
    ] = None,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Attach a photo or document; prints its id as JSON. Its name is not kept.

    A picture that shows a person of the case is kept without place, time and device, and goes along
    with a request to another society where the enquirer agreed to that.
    """
    content = _content_of(file)
    with calling.client(token, url, why) as client:
        show.as_json(client.attachments.add(case, content, _type_of(content), shows))


@app.command("list", epilog=show.examples("rfl case attachment list cas_... --token-file me"))
def attached(
    case: _Case,
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
    as_json: show.Json = False,
) -> None:
    """List what is attached to a case, the oldest first: type, size, date; none is opened."""
    with calling.client(token, url, why) as client:
        tables.rows(client.attachments.of_case(case), as_json=as_json)


@app.command(
    "fetch", epilog=show.examples("rfl case attachment fetch att_... her.jpg --token-file me")
)
def fetch(
    attachment: _Attachment,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file for its bytes.")],
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Open a photo or document into a new file of your own, in clear: delete it after use.

    Prints its type and size as JSON.
    """
    sealing.require_new(file)
    with calling.client(token, url, why) as client:
        content = client.attachments.open(attachment)
    sealing.keep_private(file, content)
    show.as_json({"id": attachment, "media_type": _type_of(content), "size": len(content)})


@app.command("remove", epilog=show.examples("rfl case attachment remove att_... --token-file me"))
def remove(
    attachment: _Attachment,
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Remove a photo or document with its bytes and their key; societies it went to follow."""
    with calling.client(token, url, why) as client:
        client.attachments.remove(attachment)


def _content_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as cause:
        raise InvalidInput("FILE", "must be a file that can be read") from cause


def _type_of(content: bytes) -> str:
    """Return the type that the bytes have, whatever the file is called."""
    for media_type, beginning in BEGINNINGS.items():
        if content.startswith(beginning):
            return media_type
    raise InvalidInput("FILE", "must be a JPEG, a PNG or a PDF")
