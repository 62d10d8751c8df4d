"""One performance: the node under test, the societies that are played, and calls between them."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from rfl.conformance.case import Failed, require
from rfl.conformance.forge import Made, OddHop, Stream, sign_call
from rfl.conformance.identity import Identity
from rfl.crypto.hpke import STRENGTH
from rfl.errors import RflError
from rfl.exchange import batch, heads
from rfl.exchange.descriptor import Descriptor, PublishedKey
from rfl.exchange.encoding import strict_object
from rfl.exchange.envelope import MEDIA_TYPE
from rfl.exchange.header import CONTROL_STREAM
from rfl.exchange.hop import HopRequest, HopResponse, verify_response
from rfl.exchange.receipt import Receipt, ReceiptStatus, verify_by_any

INBOX: Final = "/rfl/v1/inbox"
RECEIPTS: Final = "/rfl/v1/receipts"
STATUS: Final = "/rfl/v1/status"
RECONCILE: Final = "/rfl/v1/reconcile"
OK, CREATED, BAD, UNKNOWN, GONE, CONFLICT, LARGE = 200, 201, 400, 401, 404, 409, 413


@dataclass(slots=True, kw_only=True)
class Play:
    """What a case is given. `crash` kills the node and starts it again; None: nobody can.

    `keep` is told each change of the played society's keys before the node is.
    """

    url: str
    node: Descriptor
    player: Identity
    suspended: Identity
    carry: Callable[[HopRequest], HopResponse]
    connect: Callable[[], "Connection"]
    keep: Callable[[Identity], None]
    crash: Callable[[], None] | None = None
    _epoch: int = field(default=0, init=False)

    def begin(self, key: PublishedKey | None = None, number: int = CONTROL_STREAM) -> Stream:
        """Return a stream, of control unless told otherwise, in an epoch nobody has used."""
        if not self._epoch:
            self._epoch = max((epoch for epoch, _seq in self.heads().values()), default=1)
        self._epoch += 1
        return Stream(
            sender=self.player.code,
            recipient=self.node.code,
            signer=self.player.signer,
            key=key or self.sealing_keys()[0],
            number=number,
            epoch=self._epoch,
        )

    def sealing_keys(self) -> list[PublishedKey]:
        """Return the node's current keys that may be sealed to, those of the strongest first."""
        now = int(time.time())
        weakest = STRENGTH.index(self.node.minimum_suite)
        found = [
            key
            for key in self.node.sealing_keys
            if key.suite and key.not_after > now and STRENGTH.index(key.suite) >= weakest
        ]
        require(bool(found), "the descriptor lists no current key to seal to")
        return sorted(found, key=lambda key: -STRENGTH.index(key.suite or STRENGTH[0]))

    def request(
        self, method: str, path: str, media_type: str = "", body: bytes = b""
    ) -> HopRequest:
        """Return a call that is not signed yet."""
        headers = {"content-type": media_type} if media_type else {}
        return HopRequest(method, self.url.rstrip("/") + path, headers, body)

    def call(self, request: HopRequest, odd: OddHop | None = None) -> HopResponse:
        """Sign a call, carry it, and return the answer, whose signature was verified."""
        self.sign(request, odd)
        return self.answered(request)

    def sign(self, request: HopRequest, odd: OddHop | None = None) -> None:
        """Sign a call for the address that the node publishes, whatever way leads there."""
        odd = odd or OddHop()
        signed = {"@target-uri": self._target(request)} | dict(odd.signed)
        sign_call(request, self.player.hop_signer, replace(odd, signed=signed))

    def answered(self, request: HopRequest) -> HopResponse:
        """Carry a call as it is, and return the answer, whose signature was verified."""
        response = self.carry(request)
        asked = HopRequest(request.method, self._target(request), request.headers, request.body)
        now = datetime.now(UTC)
        keys = {key.kid: key.public for key in self.node.hop_keys}
        try:
            verify_response(
                HopResponse(response.status_code, response.headers, asked, response.body),
                keys.get,
                now,
            )
        except RflError as cause:
            said = f"an answer ({response.status_code}) that is not signed as it must be"
            raise Failed(f"{said}: {cause.code}") from cause
        return response

    def put(self, made: Made, odd: OddHop | None = None) -> HopResponse:
        """Deliver one envelope."""
        return self.call(self.request("PUT", f"{INBOX}/{made.id}", MEDIA_TYPE, made.body), odd)

    def put_many(self, many: Sequence[Made]) -> list[batch.Said]:
        """Deliver envelopes of one stream in one call."""
        body = batch.joined([one.body for one in many])
        answer = self.call(self.request("POST", INBOX, batch.MEDIA_TYPE, body))
        require(answer.status_code == OK, f"a batch was answered with {answer.status_code}")
        return batch.parse_answer(answer.body)

    def receipt_again(self, envelope_id: str) -> HopResponse:
        """Ask for a receipt."""
        return self.call(self.request("GET", f"{RECEIPTS}/{envelope_id}"))

    def heads(self) -> dict[int, tuple[int, int]]:
        """Return how far the node says that the player's streams have come there."""
        body = heads.to_bytes({})
        answer = self.call(self.request("POST", RECONCILE, heads.MEDIA_TYPE, body))
        if answer.status_code != OK:
            rule = "does the node trust the society that is played? See docs/partners.md"
            raise Failed(f"reconcile was answered with {answer.status_code}: {rule}")
        return heads.parse(answer.body)

    def receipt(self, made: Made, raw: bytes) -> Receipt:
        """Return what a receipt says, if the node signed it for these exact bytes, or Failed."""
        try:
            found = verify_by_any(raw, {key.kid: key.public for key in self.node.signing_keys})
        except RflError as cause:
            raise Failed("a receipt does not verify by the descriptor") from cause
        place = (found.id, found.epoch, found.seq, found.digest)
        require(place == (made.id, made.epoch, made.seq, made.digest), "a receipt of another")
        parties = (found.sender, found.recipient)
        require(parties == (self.player.code, self.node.code), "a receipt between others")
        return found

    def taken(
        self, made: Made, status: ReceiptStatus = ReceiptStatus.PROCESSED, reason: str | None = None
    ) -> bytes:
        """Deliver an envelope that is new and require this receipt; return it."""
        answer = self.put(made)
        said = _said(answer)
        require(answer.status_code == CREATED, f"expected 201 and a receipt, but was {said}")
        found = self.receipt(made, answer.body)
        require(
            (found.status, found.reason) == (status, reason),
            f"expected a receipt that says {status} {reason or ''}, but it says "
            f"{found.status} {found.reason or ''}",
        )
        return answer.body

    def refused(self, answer: HopResponse, status: int, code: str) -> None:
        """Require a problem of this status and code."""
        said = _said(answer)
        require(answer.status_code == status, f"expected {status} {code}, but was {said}")
        require(said.endswith(code), f"expected {code}, but was {said}")

    def _target(self, request: HopRequest) -> str:
        path = request.url.removeprefix(self.url.rstrip("/"))
        return self.node.base_url.rstrip("/") + path


@dataclass(slots=True)
class Connection:
    """A connection of bytes to the node, for calls that stop half way."""

    send: Callable[[bytes], None]
    receive: Callable[[int], bytes]
    close: Callable[[], None]
    reset: Callable[[], None]


def _said(answer: HopResponse) -> str:
    if answer.status_code < BAD:
        return str(answer.status_code)
    try:
        return f"{answer.status_code} {strict_object(answer.body).get('code')}"
    except RflError:
        return f"{answer.status_code} without a problem"
