"""A second verifier of exported access logs, for auditors who trust no package of ours.

    python3 verify_log.py FILE [--checkpoint NOTE]... [--key KEY]

It needs Python 3.11 and the package `cryptography`, and imports nothing of rfl. It prints one line
and ends with 0 if the log is whole, with 1 if it is not, with 2 if the file is no exported log.
What it does: every content must have the hash that is listed for it (RFC 6962, section 2.1); the
listed hashes must have the roots that the checkpoints say (C2SP tlog-checkpoint); the checkpoints
must be signed by the log's key (C2SP signed-note). A checkpoint or key that you have from
elsewhere is held against the file. Of all faults the one with the lowest leaf is printed.
"""

import argparse
import base64
import hashlib
import sys
from functools import partial
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

# When two faults begin at the same leaf, the one that comes first here is printed.
FAULTS = "malformed changed missing inserted reordered truncated unsigned "
FAULTS += "contradicted forked other-log"


_decoded = partial(base64.b64decode, validate=True)


def _sha256(content):
    return hashlib.sha256(content).digest()


def parse_key(text):
    """Return name, id and kind with key of `name+id+base64(kind || key)`."""
    name, ident, encoded = text.split("+", 2)
    raw = _decoded(encoded)
    if _sha256(name.encode() + b"\n" + raw)[:4].hex() != ident or len(raw) != 33:
        raise ValueError("the key does not have its id")
    return name, bytes.fromhex(ident), raw


def signed_root(raw, key):
    """Return size and root of a checkpoint that this log's key has signed, or None."""
    values = []
    try:
        note = _decoded(raw) if isinstance(raw, str) else raw
        text, _, lines = note.decode().rpartition("\n\n")
        origin, size, root = text.split("\n")[:3]
        for line in lines.splitlines():
            dash, name, encoded = line.split(" ")
            if dash != "\u2014":
                return None
            if (name, _decoded(encoded)[:4]) == key[:2]:
                values.append(_decoded(encoded)[4:])
        for value in values:
            content = f"{text}\n".encode()
            Ed25519PublicKey.from_public_bytes(key[2][1:]).verify(value, content)
        return (int(size), _decoded(root)) if values and origin == key[0] else None
    except (ValueError, InvalidSignature):
        return None


def root_of(stack):
    """Return the root over complete subtrees, the largest first."""
    reached = stack[-1][1]
    for _size, left in reversed(stack[:-1]):
        reached = _sha256(b"\x01" + left + reached)
    return reached


def push(stack, leaf):
    """Add a leaf: two complete subtrees of one size become one of twice the size."""
    stack.append((1, leaf))
    while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
        (size, right), (_size, left) = stack.pop(), stack.pop()
        stack.append((2 * size, _sha256(b"\x01" + left + right)))


def read(path):
    """Return the head's lines as words and values, and the blocks: their line and contents."""
    lines = Path(path).read_bytes().removesuffix(b"\n").split(b"\n")
    if lines[0] != b"rfl-log-1":
        raise ValueError("the file does not begin as one")
    starts = [number for number, line in enumerate(lines) if line.startswith(b"leaves ")]
    ends = [*starts[1:], len(lines)]
    head = [line.decode("utf-8", "replace") for line in lines[1 : (starts or [len(lines)])[0]]]
    blocks = [(lines[at], lines[at + 1 : end]) for at, end in zip(starts, ends, strict=True)]
    return [line.partition(" ")[::2] for line in head], blocks


def claims_of(inside, given, key, faults):
    """Return (size, root, given) of every checkpoint that the log's key has signed."""
    claims = []
    for number, raw in enumerate(inside + given):
        is_given = number >= len(inside)
        if claim := signed_root(raw, key):
            claims.append((*claim, is_given))
        else:
            below = max([claim[0] for claim in claims], default=0)
            faults.append((0, "other-log") if is_given else (below, "unsigned"))
    return claims


def listed_in(line, size, faults):
    """Return the hashes that a block lists."""
    try:
        _word, begin, count, encoded = line.split()
        raw, begin, count = _decoded(encoded), int(begin), int(count)
    except ValueError:
        faults.append((size, "malformed"))
        return []
    if len(raw) != 32 * count:
        faults.append((size, "malformed"))
    if begin != size:
        faults.append((min(begin, size), "missing" if begin > size else "malformed"))
    return [raw[start : start + 32] for start in range(0, len(raw) - 31, 32)]


def compare(contents, listed, is_last):
    """Return where the contents of a block first differ from the listed hashes, and how."""
    found = [_sha256(b"\x00" + content) for content in contents]
    same = [one == two for one, two in zip(found, listed, strict=False)]
    at = same.index(False) if False in same else len(same)
    if at == len(found):
        return None if at == len(listed) else (at, "truncated" if is_last else "missing")
    if at == len(listed):
        return at, "inserted"
    was_early = found[at] in listed[at:]
    if listed[at] in found[at:]:
        return at, "reordered" if was_early else "inserted"
    return at, "missing" if was_early or contents[at] == b"-" else "changed"


def check_contents(blocks, wanted, faults):
    """Compare contents with listed hashes; return the size, and the roots of the sizes wanted."""
    stack, size, roots = [], 0, {0: _sha256(b"")}
    for number, (line, contents) in enumerate(blocks):
        known, listed = len(faults), listed_in(line, size, [] if wanted is None else faults)
        if len(faults) > known:
            wanted = None  # The list itself has a hole: from here on it says nothing.
        if differs := compare(contents, listed, number == len(blocks) - 1):
            faults.append((size + differs[0], differs[1]))
        for leaf in listed:
            push(stack, leaf)
            size += 1
            if wanted and size in wanted:
                roots[size] = root_of(stack)
    return size, roots


def check_roots(size, roots, claims, faults):
    """Compare the roots with those that were signed."""
    agreed = 0
    for at, root, is_given in sorted(claims, key=lambda claim: (claim[0], not claim[2])):
        if at > size:
            faults.append((size, "truncated"))
        elif at in roots and roots[at] != root:
            faults.append((min(agreed, max(at - 1, 0)), "forked" if is_given else "contradicted"))
        elif not any(fault in ("forked", "contradicted") for _at, fault in faults):
            agreed = at
    signed = max([claim[0] for claim in claims], default=0)
    if size > signed:
        faults.append((signed, "unsigned"))


def main():
    """Read, check, print one line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file")
    parser.add_argument("--checkpoint", action="append", default=[], help="file with a signed note")
    parser.add_argument("--key", help="name+id+key")
    options, faults = parser.parse_args(), []
    try:
        head, blocks = read(options.file)
        given = [Path(path).read_bytes() for path in options.checkpoint]
        inside = [value for word, value in head if word == "checkpoint"]
        origin = next(value for word, value in head if word == "origin")
        keys = (parse_key(value) for word, value in head if word == "key")
        key = next(key for key in keys if key[0] == origin and key[2][0] == 1)
        if options.key and parse_key(options.key) != key:
            faults.append((0, "other-log"))
        claims = claims_of(inside, given, key, faults)
    except (OSError, ValueError, StopIteration) as error:
        sys.stdout.write(f"no exported log: {error}\n")
        return 2
    size, roots = check_contents(blocks, {claim[0] for claim in claims}, faults)
    check_roots(size, roots, claims, faults)
    if faults:
        at, fault = min(faults, key=lambda one: (one[0], FAULTS.index(one[1])))
        sys.stdout.write(f"not whole: leaf {at}: {fault}\n")
        return 1
    sys.stdout.write(f"whole: {size} leaves, {len(claims)} checkpoints of {origin}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
