"""The node's own keys of the exchange: made, published, rotated with overlap, destroyed.

Signing and hop keys last two years, and stay listed for what they have signed. Keys that others
seal to last thirty days, a fresh one is published ten days before the end, and the private half
is destroyed thirty days after it: what was recorded until then stays closed for ever.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from rfl.crypto.agent import SEALED_TO, KeyAgent
from rfl.crypto.hpke import OpeningKey, Suite
from rfl.crypto.keyring import HOP, SOCIETY
from rfl.errors import BadEnvelope, KeyUnavailable, Misconfigured
from rfl.exchange.descriptor import Descriptor, PublishedKey, sign_descriptor
from rfl.exchange.network import Network
from rfl.exchange.signed import SignedDocument, Signer
from rfl.storage import peers
from rfl.storage.peers import OwnKey
from rfl.storage.work import Work

DAY: Final = 86_400 * 1_000_000
SIGNING_DAYS: Final = 730
SEALING_DAYS: Final = 30
RENEW_DAYS: Final = 10
SWITCH_DAYS: Final = 5
DESTROY_DAYS: Final = 30

_LIFE: Final = {SOCIETY: SIGNING_DAYS, HOP: SIGNING_DAYS} | dict.fromkeys(
    SEALED_TO.values(), SEALING_DAYS
)
_SUITES: Final = {name: suite for suite, name in SEALED_TO.items()}


def renew(work: Work, network: Network) -> int:
    """Make keys that are missing or near their end, destroy what is past; return how many."""
    _require_mode(work, network)
    changed = adopt(work, network.code)
    known = peers.own(work)
    for name in _LIFE:
        newest = max((key.not_after for key in known if key.name == name), default=0)
        if newest < work.micros + RENEW_DAYS * DAY:
            _keep(work, network.code, name, work.agent.new_key(name))
            changed += 1
    for key in known:
        if _is_past(key, work.micros):
            work.agent.destroy_key(key.name, key.number)
            peers.own_destroyed(work, key.kid)
            changed += 1
    peers.bind_own(work, network.mode)
    return changed


def replace(work: Work, network: Network) -> int:
    """End the keys of calls and of sealing now, and make new ones; return how many.

    Not the signing keys: whoever may have these must be met by people, with digits, anew.
    """
    names = set(_LIFE) - {SOCIETY}
    for key in peers.own(work):
        if key.name in names and key.not_after > work.micros:
            peers.end_own(work, key.kid)
    for name in sorted(names):
        _keep(work, network.code, name, work.agent.new_key(name))
    return len(names)


def adopt(work: Work, code: str) -> int:
    """Make the list agree with the keyring, as after a database was restored; return how many.

    Peers seal to keys that the older list does not name: what they sent must still be opened. A
    key that the keyring has destroyed since is no key any more.
    """
    known = {(key.name, key.number): key for key in peers.own(work)}
    changed = 0
    for name in _LIFE:
        held = work.agent.key_versions(name)
        for number in held:
            if (name, number) not in known:
                _keep(work, code, name, number)
                changed += 1
        for key in known.values():
            if key.name == name and key.number not in held and key.destroyed_at is None:
                peers.own_destroyed(work, key.kid)
                changed += 1
    return changed


def published(work: Work, network: Network) -> SignedDocument:
    """Return the node's descriptor, signed by each of its current signing keys."""
    _require_mode(work, network)
    keys = peers.own(work)
    seconds = work.micros // 1_000_000
    descriptor = Descriptor(
        code=network.code,
        name=network.name,
        base_url=network.base_url,
        signing_keys=_listed(work.agent, keys, SOCIETY),
        hop_keys=_listed(work.agent, keys, HOP),
        sealing_keys=_open_to(work.agent, keys),
        minimum_suite=network.minimum_suite,
        limits=network.limits,
        contact=network.contact,
        mode=network.mode,
        reach=network.reach,
        issued=seconds,
    )
    current = [key for key in keys if key.name == SOCIETY and key.not_after > work.micros]
    return sign_descriptor(descriptor, [_signer(work.agent, key) for key in current])


@dataclass(slots=True)
class OwnKeys:
    """The node's keys as one transaction sees them: asked for once, however often they are used."""

    work: Work
    _rows: Sequence[OwnKey] = ()
    _signers: dict[str, Signer] = field(default_factory=dict)
    _opening: dict[str, OpeningKey] = field(default_factory=dict)

    def signer(self, name: str = SOCIETY) -> Signer:
        """Return the key of this name to sign with, or raise KeyUnavailable.

        A key signs until five days before its end: so long have peers to learn of the next one.
        """
        if name not in self._signers:
            self._signers[name] = self._chosen(name)
        return self._signers[name]

    def opening(self, kid: str) -> OpeningKey:
        """Return the key that an envelope says it is sealed to, or raise BadEnvelope."""
        if kid not in self._opening:
            self._opening[kid] = self._opened(kid)
        return self._opening[kid]

    def _chosen(self, name: str) -> Signer:
        now = self.work.micros
        keys = [key for key in self._all() if key.name == name and key.not_after > now]
        if not keys:
            raise KeyUnavailable("The node has no key for the exchange: run `rfl peer init`.")
        lasting = [key for key in keys if key.not_after > now + SWITCH_DAYS * DAY]
        return _signer(self.work.agent, min(lasting or keys, key=lambda key: key.number))

    def _opened(self, kid: str) -> OpeningKey:
        for key in self._all():
            if key.kid == kid and key.name in _SUITES and key.destroyed_at is None:
                return self.work.agent.opening_key(_suite(key), key.number)
        raise BadEnvelope

    def _all(self) -> Sequence[OwnKey]:
        self._rows = self._rows or peers.own(self.work)
        return self._rows


def signer(work: Work, name: str = SOCIETY) -> Signer:
    """Return the key of this name to sign with once, or raise KeyUnavailable."""
    return OwnKeys(work).signer(name)


def _require_mode(work: Work, network: Network) -> None:
    """Keys stay of the mode that they were made in: a node that was switched speaks to nobody."""
    if {key.mode for key in peers.own(work)} - {None, network.mode}:
        rule = "The node's keys are of the other mode: an exercise has a node of its own."
        raise Misconfigured(rule)


def _listed(agent: KeyAgent, keys: Sequence[OwnKey], name: str) -> tuple[PublishedKey, ...]:
    return tuple(
        PublishedKey(
            kid=key.kid,
            public=agent.public_key(name, key.number),
            not_after=key.not_after // 1_000_000,
        )
        for key in keys
        if key.name == name
    )


def _open_to(agent: KeyAgent, keys: Sequence[OwnKey]) -> tuple[PublishedKey, ...]:
    return tuple(
        PublishedKey(
            kid=key.kid,
            public=agent.opening_key(_suite(key), key.number).public(),
            not_after=key.not_after // 1_000_000,
            suite=_suite(key),
        )
        for key in keys
        if key.name in _SUITES and key.destroyed_at is None
    )


def _keep(work: Work, code: str, name: str, number: int) -> None:
    end = work.micros + _LIFE[name] * DAY
    peers.keep_own(work, OwnKey(f"{code}-{name}-{number}", name, number, end))


def _suite(key: OwnKey) -> Suite:
    return _SUITES[key.name]


def _signer(agent: KeyAgent, key: OwnKey) -> Signer:
    return Signer(key.kid, lambda content: agent.sign(key.name, content, key.number))


def _is_past(key: OwnKey, now: int) -> bool:
    if key.name not in _SUITES or key.destroyed_at is not None:
        return False
    return key.not_after + DESTROY_DAYS * DAY <= now
