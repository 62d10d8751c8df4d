"""A society without a node, and a reader of its files that knows their documented layout alone."""

import base64
import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from rfl.domain.person import Name
from rfl.domain.transmission import Transmission
from rfl.flows import transmit
from rfl.flows.know_correspondents import Assessed, assess_correspondent
from rfl.flows.runtime import OFFICE_CALL, Runtime
from tests.exchange.across import VISITS, Asking, shared_request
from tests.exchange.network import Society
from tests.office import open_desk

ARABIC = "مريم حسيني"

_SEALED = re.compile(rb'<script type="application/json" id="sealed">(.*?)</script>', re.DOTALL)


def know(rt: Runtime, code: str = "south", **said: Any) -> None:
    """Let people assess a society without a node for ten years."""
    until = rt.clock() + timedelta(days=3_650)
    facts = {"name": f"Red Cross of {code}", "language": "ar", "until": until, "at_risk": False}
    assess_correspondent(rt, OFFICE_CALL, Assessed(code=code, **facts | said))


def ask_by_hand(here: Society, code: str = "south") -> Asking:
    """Open a case, judge and accept it, and queue a request to a society without a node."""
    day = here.rt.today()
    asked = shared_request(day, code)
    [sought] = asked.sought
    both = (Name(ARABIC), Name("Maryam <b>Hosseini</b>"))
    asked = replace(asked, sought=(replace(sought, person=replace(sought.person, names=both)),))
    desk = open_desk(here.rt, asked).judged().accepted()
    to_them = Transmission(code, VISITS, day + timedelta(days=90))
    ref = transmit.queue_transmission(here.rt, desk.officer, desk.case, to_them)
    return Asking(here, here, desk, ref)


def sealed_part(file: bytes) -> dict[str, Any]:
    """Return the JSON object that a file carries."""
    found = _SEALED.search(file)
    assert found is not None
    said: dict[str, Any] = json.loads(found[1])
    return said


def opened(file: bytes, passphrase: str) -> dict[str, Any]:
    """Open a file as its layout says, with nothing of ours; InvalidTag if it does not open."""
    said = sealed_part(file)
    kdf = PBKDF2HMAC(SHA256(), 32, raw(said["salt"]), said["iterations"])
    key = kdf.derive("".join(filter(str.isdigit, passphrase)).encode())
    bound = f"{said['format']}\0{said['reference']}".encode()
    framed = AESGCM(key).decrypt(raw(said["nonce"]), raw(said["ciphertext"]), bound)
    length = int.from_bytes(framed[:4], "big")
    assert not framed[4 + length :].strip(b"\0")
    content: dict[str, Any] = json.loads(framed[4 : 4 + length])
    return content


def raw(text: str) -> bytes:
    """Return what base64url without padding says."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
