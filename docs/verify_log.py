"""A second verifier of exported access logs, for auditors who trust no package of ours.

    python3 verify_log.py FILE [--checkpoint NOTE]... [--key KEY]

It needs Python 3.11 and `cryptography`, nothing of rfl. It prints one line and ends with 0 if the
log is whole, 1 if it is not, 2 if the file is none. Every content must have its listed hash (RFC
6962, 2.1); the hashes must have the roots that the checkpoints say (C2SP tlog-checkpoint), signed
by the log's key (C2SP signed-note). Contents may be absent as far as a later entry `log.expire`
says. Of all faults the one with the lowest leaf is printed. For a part of a log: verify_part.py.
"""

import argparse
import base64
import hashlib
import re
import sys
from functools import partial, reduce
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

BY_CERTAINTY = "malformed changed missing inserted reordered truncated unsigned"
BY_CERTAINTY += " contradicted forked other-log"
EXPIRES = re.compile(rb'"action":"log\.expire",.*"count":(\d{1,18}),.*"decision":"allowed"')
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
    try:
        note = _decoded(raw) if isinstance(raw, str) else raw
        text, _, lines = note.decode().rpartition("\n\n")
        origin, size, root = text.split("\n")[:3]
        named = [line.split(" ") for line in lines.splitlines()]
        named = [(dash, name, _decoded(encoded)) for dash, name, encoded in named]
        values = [value[4:] for _dash, name, value in named if (name, value[:4]) == key[:2]]
        for value in values:
            Ed25519PublicKey.from_public_bytes(key[2][1:]).verify(value, f"{text}\n".encode())
        is_good = values and origin == key[0] and {dash for dash, *_rest in named} == {"\u2014"}
        return (int(size), _decoded(root)) if is_good else None
    except (ValueError, InvalidSignature):
        return None


def join(right, left):
    """Return the size and the root of two neighbouring subtrees."""
    return right[0] + left[0], _sha256(b"\x01" + left[1] + right[1])


def push(stack, leaf):
    """Add a leaf: two complete subtrees of one size become one of twice the size."""
    stack.append((1, leaf))
    while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
        stack.append(join(stack.pop(), stack.pop()))


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
        raw, begin, count = b"", size, 1
    if len(raw) != 32 * count:
        faults.append((size, "malformed"))
    if begin != size:
        faults.append((min(begin, size), "missing" if begin > size else "malformed"))
    return [raw[start : start + 32] for start in range(0, len(raw) - 31, 32)]


def hashes_of(contents, listed, size, absent):
    """Return the hashes of contents; note those that are absent, until an entry says they ended."""
    found = [_sha256(b"\x00" + content) for content in contents]
    for at, (content, leaf) in enumerate(zip(contents, listed, strict=False), size):
        if content == b"-":
            found[at - size] = leaf
            absent.append(at)
        elif absent and found[at - size] == leaf and (said := EXPIRES.search(content)):
            absent[:] = [one for one in absent if one >= int(said[1]) or int(said[1]) > at]
    return found


def compare(contents, found, listed, is_last):
    """Return where the contents of a block first differ from the listed hashes, and how."""
    pairs = enumerate(zip(found, listed, strict=False))
    at = next((at for at, (one, two) in pairs if one != two), min(len(found), len(listed)))
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
    stack, size, roots, absent = [], 0, {0: _sha256(b"")}, []
    for number, (line, contents) in enumerate(blocks):
        known, listed = len(faults), listed_in(line, size, [] if wanted is None else faults)
        if len(faults) > known:
            wanted = None  # The list itself has a hole: from here on it says nothing.
        found = hashes_of(contents, listed, size, absent)
        if differs := compare(contents, found, listed, number == len(blocks) - 1):
            faults.append((size + differs[0], differs[1]))
        for leaf in listed:
            push(stack, leaf)
            size += 1
            if wanted and size in wanted:
                reached, *rest = reversed(stack)
                roots[size] = reduce(join, rest, reached)[1]
    faults += [(leaf, "missing") for leaf in absent[:1]]
    return size, roots


def check_roots(size, roots, claims, faults):
    """Compare the roots with those that were signed."""
    agreed, kinds = 0, ("forked", "contradicted")
    for at, root, is_given in sorted(claims, key=lambda claim: (claim[0], not claim[2])):
        if at > size:
            faults.append((size, "truncated"))
        elif at in roots and roots[at] != root:
            faults.append((min(agreed, max(at - 1, 0)), kinds[0 if is_given else 1]))
        elif not any(fault in kinds for _at, fault in faults):
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
    whole = f"whole: {size} leaves, {len(claims)} checkpoints of {origin}\n"
    at, fault = min(faults, key=lambda one: (one[0], BY_CERTAINTY.index(one[1])), default=(0, ""))
    sys.stdout.write(f"not whole: leaf {at}: {fault}\n" if faults else whole)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
