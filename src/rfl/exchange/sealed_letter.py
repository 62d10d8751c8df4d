"""What a sealed page holds: the page to read, and the letter that a node would get, signed.

The letter is for the day on which the society has a node, or for the CTA.
"""

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import msgspec

from rfl.exchange import own
from rfl.exchange.letter import Letter
from rfl.exchange.network import Network
from rfl.exchange.signed import sign_document
from rfl.storage.work import Work

LABEL: Final = b"rfl-dossier-v1"
"""What the society's signature over a dossier begins with."""


@dataclass(frozen=True, slots=True)
class SealedDossier:
    """The file, and the passphrase that goes by another way. `until`: how long it may be kept."""

    reference: str
    recipient: str
    until: date
    file: bytes = field(repr=False)
    passphrase: str = field(repr=False)


def sealed_content(work: Work, network: Network, to: str, letter: Letter, page: str) -> bytes:
    """Return what is sealed for a society without a node."""
    document = msgspec.json.encode(
        {
            "format": "rfl-dossier/1",
            "from": network.code,
            "to": to,
            "made_on": work.today,
            "type": letter.type,
            "schema_version": letter.schema_version,
            "case_ref": letter.case_ref,
            "purpose": letter.purpose,
            "consent": letter.consent,
            "handling": letter.handling,
            "data": letter.data,
        }
    )
    signed = sign_document(LABEL, document, [own.signer(work)])
    return msgspec.json.encode({"page": page, "signed": json.loads(signed.to_bytes())})
