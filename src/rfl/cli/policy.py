"""`rfl policy`: the society's rules as a file."""

from pathlib import Path
from typing import Annotated

import typer

from rfl.cli import show
from rfl.domain.policy import Profile
from rfl.errors import InvalidInput
from rfl.interchange.profile import SHIPPED, read_profile, shipped_profile

app = typer.Typer(no_args_is_help=True, help="The society's rules: who may ask, what is told.")


@app.command(
    "check",
    epilog=show.examples("rfl policy check north.toml", "rfl policy check neutral --json"),
)
def check(
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help=f"A TOML file, or one of {', '.join(SHIPPED)}."),
    ],
    *,
    as_json: show.Json = False,
) -> None:
    """Check a policy profile, and show its versions with their dates.

    A fault is named by key and rule; the exit code is then 2. It needs no node.
    """
    profile = shipped_profile(file) if file in SHIPPED else read_profile(_content(Path(file)))
    if as_json:
        show.as_json({"name": profile.name, "versions": _versions(profile)})
        return
    columns = ("version", "begins", "ends", "answer after", "countries")
    rows = [tuple(one.values()) for one in _versions(profile)]
    show.as_table(profile.name, columns, rows)


def _versions(profile: Profile) -> list[dict[str, object]]:
    return [
        {
            "code": one.code,
            "begins": one.begins.isoformat(),
            "ends": one.ends.isoformat() if one.ends else None,
            "answer_days": one.any.answering.answer_days,
            "countries": sorted(one.countries),
        }
        for one in profile.versions
    ]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as cause:
        raise InvalidInput("FILE", "must be a file that can be read") from cause
