"""Which key of a log is in force: the first, or the one that a checkpoint has announced.

A rotation is a checkpoint like any other with one extension line (c2sp.org/tlog-checkpoint),
`next-key KEY`, signed by the key that ends and by the one that follows. So whoever knows the old
key can follow to the new one, and nobody else can announce one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from rfl.audit import notes
from rfl.audit.notes import Checkpoint, Kind, Note, VerifierKey
from rfl.audit.verdict import Fault, Finding
from rfl.errors import MalformedFile

NEXT = "next-key "
_NEVER = 1 << 63


@dataclass(frozen=True, slots=True)
class Claim:
    """A root that a key in force has signed; `given` by the reader, not by the file.

    `moments` are the seconds since 1970 at which witnesses cosigned it.
    """

    note: Note
    size: int
    root: bytes
    given: bool
    moments: tuple[int, ...]


@dataclass(slots=True)
class Claims:
    """What a log's checkpoints say: its keys in their order, the good claims, and what is wrong."""

    chain: list[VerifierKey]
    good: list[Claim] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def inside(self) -> list[Claim]:
        """The claims of the file itself, the smallest first."""
        return [one for one in self.good if not one.given]

    @property
    def below(self) -> int:
        """Up to which size the file's own checkpoints vouch for it."""
        return max((one.size for one in self.inside), default=0)


def announced(said: Checkpoint) -> VerifierKey | None:
    """Return the key that a checkpoint announces, None if none, or raise MalformedFile."""
    for line in said.extensions:
        if line.startswith(NEXT):
            return notes.parse_key(line.removeprefix(NEXT))
    return None


def announcement(said: Checkpoint, key: VerifierKey) -> Checkpoint:
    """Return the checkpoint with the line that announces the next key."""
    return replace(said, extensions=(*said.extensions, NEXT + key.to_text()))


def is_signed(note: Note, key: VerifierKey) -> bool:
    """Tell whether this key of a log has signed its checkpoint, and with it whom it announces."""
    try:
        said = notes.parse_checkpoint(note.text)
        following = announced(said)
    except MalformedFile:
        return False
    if said.origin != key.name or not notes.signed_by(note, key):
        return False
    if following is None:
        return True
    is_one = following.name == key.name and following.kind is Kind.NOTE
    return is_one and notes.signed_by(note, following)


def claims_of(
    inside: Iterable[Note | None],
    given: Iterable[Note],
    key: VerifierKey,
    witnesses: Sequence[VerifierKey],
) -> Claims:
    """Follow a log's checkpoints from its first key; None stands for one that is no note.

    A line of a known key that does not verify spoils its note (signed-note, Signatures).
    """
    found = Claims([key])
    for note, said, is_given in _in_order([*((one, False) for one in inside)], given):
        moments = _moments(note, witnesses) if note is not None else None
        if note is None or said is None or moments is None or not is_signed(note, found.chain[-1]):
            fault = Fault.OTHER_LOG if is_given else Fault.UNSIGNED
            found.findings.append(Finding(fault, 0, 0 if said is None else said.size - 1))
            continue
        found.good.append(Claim(note, said.size, said.root, is_given, moments))
        if (following := announced(said)) is not None:
            found.chain.append(following)
    found.findings = [_placed(one, found.below) for one in found.findings]
    return found


def check_keys(
    found: Claims, brought: Iterable[VerifierKey], wanted: Iterable[VerifierKey]
) -> list[Finding]:
    """Name a log's key that nobody announced, and one that the reader knows and the log does not.

    `brought` are the keys in the file, `wanted` those that the reader has from elsewhere.
    """
    findings = [
        Finding(Fault.UNANNOUNCED, found.below, found.below)
        for one in brought
        if one.kind is Kind.NOTE and one not in found.chain
    ]
    unknown = [one for one in wanted if one.kind is Kind.NOTE and one not in found.chain]
    return findings + [Finding(Fault.OTHER_LOG, 0, 0) for _one in unknown]


def _placed(finding: Finding, below: int) -> Finding:
    """Return what is wrong with a checkpoint: it vouches for nothing above the good ones."""
    if finding.fault is Fault.OTHER_LOG:
        return Finding(Fault.OTHER_LOG, 0, 0)
    return Finding(finding.fault, below, max(below, finding.last))


def _in_order(
    inside: list[tuple[Note | None, bool]], given: Iterable[Note]
) -> list[tuple[Note | None, Checkpoint | None, bool]]:
    """Return the notes by size; of one size an announcement is the last."""
    both = [*inside, *((one, True) for one in given)]
    read = [(note, _read(note), is_given) for note, is_given in both]
    return sorted(read, key=lambda one: (*_place(one[1]), not one[2]))


def _read(note: Note | None) -> Checkpoint | None:
    try:
        said = None if note is None else notes.parse_checkpoint(note.text)
        if said is not None:
            announced(said)
    except MalformedFile:
        return None
    return said


def _place(said: Checkpoint | None) -> tuple[int, bool]:
    return (_NEVER, False) if said is None else (said.size, announced(said) is not None)


def _moments(note: Note, witnesses: Sequence[VerifierKey]) -> tuple[int, ...] | None:
    """Return when witnesses cosigned a note, or None if one of their lines does not verify."""
    by_id = {(key.name, key.id): key for key in witnesses}
    moments = []
    for line in note.signatures:
        if (key := by_id.get((line.name, line.id))) is not None:
            at = notes.cosigned_at(replace(note, signatures=(line,)), key)
            if at is None:
                return None
            moments.append(int(at.timestamp()))
    return tuple(moments)
