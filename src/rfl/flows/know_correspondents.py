"""Know societies that have no node: their name, language, and how safe data is there (P-16)."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rfl.domain import text
from rfl.domain.access import Verb
from rfl.errors import Conflict, InvalidInput
from rfl.exchange.labels import LANGUAGES
from rfl.exchange.leaving import has_node
from rfl.flows.runtime import Call, Runtime
from rfl.storage import correspondents, ledger
from rfl.storage.correspondents import Correspondent as Correspondent
from rfl.storage.work import micros

_CODE: Final = re.compile(r"[a-z0-9-]{2,40}")


@dataclass(frozen=True, slots=True)
class Assessed:
    """What people decided about a society without a node."""

    code: str
    name: str
    language: str
    until: datetime
    at_risk: bool


def assess_correspondent(rt: Runtime, call: Call, said: Assessed) -> None:
    """Keep until when a society without a node is assessed, in place of what was known."""
    if _CODE.fullmatch(said.code) is None:
        raise InvalidInput("CODE", "must be small letters, digits and hyphens")
    if said.language not in LANGUAGES:
        raise InvalidInput("language", f"must be one of {', '.join(LANGUAGES)}")
    name = text.line(said.name, "name")
    kept = Correspondent(said.code, name, said.language, micros(said.until), said.at_risk)
    with rt.begin(call, Verb.PEER_CHANGE) as work:
        work.require()
        if has_node(work, said.code):
            raise Conflict("This society has a node: it is assessed as a peer.")
        work.peer = said.code
        correspondents.keep(work, kept)
        ledger.append(work, reason="assessed")


def list_correspondents(rt: Runtime, call: Call) -> list[Correspondent]:
    """Return the societies without a node that are known, by code."""
    with rt.look(call, Verb.PEER_READ) as work:
        work.require()
        return correspondents.every(work)
