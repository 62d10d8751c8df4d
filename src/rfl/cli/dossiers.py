"""`rfl case dossier`: sealed files and notices for societies without a node."""

from pathlib import Path
from typing import Annotated

import typer

from rfl.cli import calling, sealing, show
from rfl.domain.purpose import Purpose

app = typer.Typer(no_args_is_help=True, help="Societies without a node: what people hand over.")

_Sent = Annotated[str, typer.Argument(metavar="TRANSMISSION", help="Id of the request.")]
_Recall = Annotated[str, typer.Argument(metavar="RECALL", help="Id, of `rfl received recalls`.")]
_Language = Annotated[
    str | None, typer.Option(help="en, fr, es, ar or ru; without it the society's own.")
]
_WHY = Purpose.TRACING


@app.command(
    "make", epilog=show.examples("rfl case dossier make trm_... to_west.html --token-file me")
)
def make(
    transmission: _Sent,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file for the sealed page.")],
    *,
    token: calling.Token,
    language: _Language = None,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Seal a request into a file that any browser opens, and print its passphrase once.

    The file goes by one way (a stick, a courier, a mail), the passphrase by another (a call to a
    number that you knew before). Whoever gets the file may compare its `digest` on the phone.
    """
    sealing.require_new(file)
    with calling.client(token, url, why) as client:
        version = client.transmissions.read(transmission)["version"]
        sealing.keep(file, client.transmissions.make_dossier(transmission, version, language))


@app.command("remind", epilog=show.examples("rfl case dossier remind trm_... --token-file me"))
def remind(
    transmission: _Sent,
    *,
    token: calling.Token,
    language: _Language = None,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Print a reminder of a decision or an answer that is due, as a text to hand over."""
    with calling.client(token, url, why) as client:
        version = client.transmissions.read(transmission)["version"]
        show.as_json(client.transmissions.remind_by_hand(transmission, version, language))


@app.command(
    "taken-back", epilog=show.examples("rfl case dossier taken-back trm_... said.json ...")
)
def taken_back(
    transmission: _Sent,
    file: calling.Body,
    *,
    token: calling.Token,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Enter that a found person (person) takes back, from a day (on), what was told of them."""
    said = calling.body_of(file, {})
    with calling.client(token, url, why) as client:
        version = client.transmissions.read(transmission)["version"]
        show.as_json(client.transmissions.take_back(transmission, version, said))


@app.command("notice", epilog=show.examples("rfl case dossier notice rcl_... --token-file me"))
def notice(
    recall: _Recall,
    *,
    token: calling.Token,
    language: _Language = None,
    url: calling.Url = None,
    why: calling.Why = _WHY,
) -> None:
    """Print the notice by which a society is to destroy what it was handed, and note that."""
    with calling.client(token, url, why) as client:
        show.as_json(client.transmissions.ask_back(recall, language))


@app.command("attested", epilog=show.examples("rfl case dossier attested rcl_... --token-file me"))
def attested(
    recall: _Recall, *, token: calling.Token, url: calling.Url = None, why: calling.Why = _WHY
) -> None:
    """Enter that a society says it has destroyed what it was handed."""
    with calling.client(token, url, why) as client:
        client.transmissions.attest(recall)
    show.as_json({"recall": recall, "attested": True})
