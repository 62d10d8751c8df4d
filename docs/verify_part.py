"""Check a part of an access log, beside verify_log.py and with as little: each entry by its proof.

    python3 verify_part.py FILE [--checkpoint NOTE]... [--key KEY]...

Each entry must be in the tree that its checkpoint signs (C2SP tlog-proof, RFC 9162 section
2.1.3.2), by the log's newest key as its checkpoints announce it; and of a stated range none may
lack. It does not show that there are no other entries.
"""

import argparse
import base64
import sys
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from verify_log import (
    BY_CERTAINTY,
    WITNESS,
    _decoded,
    claims_of,
    moments_of,
    parse_key,
    read_note,
)


def _sha256(content):
    return sha256(content).digest()


def root_with(leaf, index, size, proof):
    """Return the root that a leaf has with its proof, or None if the proof has another length."""
    if size == 1 or not proof or index >= size:
        return leaf if (size, index, proof) == (1, 0, []) else None
    half, beside = 1 << ((size - 1).bit_length() - 1), proof[-1]
    if index < half:
        below = root_with(leaf, index, half, proof[:-1])
        return below and _sha256(b"\x01" + below + beside)
    below = root_with(leaf, index - half, size - half, proof[:-1])
    return below and _sha256(b"\x01" + beside + below)


def check_entry(line, keys, given, shown, faults):
    """Check one line; note which leaf it shows."""
    following = shown[-1] + 1 if shown else 0
    try:
        head, _, note = _decoded(line.removeprefix(b"entry ")).partition(b"\n\n")
        note = base64.b64encode(note)
        mark, extra, index, *proof = head.decode().split("\n")
        content, proof = _decoded(extra.removeprefix("extra ")), [_decoded(one) for one in proof]
        if mark != "c2sp.org/tlog-proof@v1" or not extra.startswith("extra "):
            raise ValueError("no proof")
        leaf, (size, root, *rest) = int(index.removeprefix("index ")), read_note(note)
        if not rest[-1]:
            raise ValueError("no checkpoint")
    except ValueError:
        faults.append((following, "malformed"))
        return
    if shown and leaf < following:
        faults.append((leaf, "reordered"))
    shown.append(leaf)
    try:
        moments_of((size, root, *rest), *keys)
    except (InvalidSignature, ValueError):
        faults.append((leaf, "unsigned"))
        return
    if root_with(_sha256(b"\x00" + content), leaf, size, proof) != root:
        faults.append((leaf, "changed"))
    elif given.get(size, root) != root:
        faults.append((leaf, "forked"))


def check_range(head, shown, faults):
    """Name the first leaf that a stated range lacks, and the first outside it."""
    for first, end in [value.split(" ") for word, value in head if word == "range"][-1:]:
        wanted = range(int(first), int(end))
        faults += [(leaf, "missing") for leaf in wanted if leaf not in set(shown)][:1]
        faults += [(leaf, "inserted") for leaf in sorted(shown) if leaf not in wanted][:1]


def main():
    """Read, check, print one line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file")
    parser.add_argument("--checkpoint", action="append", default=[], help="file with a signed note")
    parser.add_argument("--key", action="append", default=[], type=parse_key, help="name+id+key")
    options, faults, shown = parser.parse_args(), [], []
    try:
        content = Path(options.file).read_bytes()
        body, end, digest = content.rpartition(b"\nend ")
        intact = digest == _sha256(body + b"\n").hex().encode() + b"\n"
        body = body if end and b"\n" not in digest[:-1] else content.removesuffix(b"\n")
        first, *lines = body.split(b"\n")
        if first != b"rfl-log-part-1":
            raise ValueError("the file does not begin as one")
        at = next((at for at, one in enumerate(lines) if one.startswith(b"entry ")), len(lines))
        head = [line.decode("utf-8", "replace").partition(" ")[::2] for line in lines[:at]]
        origin = next(value for word, value in head if word == "origin")
        keys = [parse_key(value) for word, value in head if word in ("key", "witness")]
        witnesses = [key for key in keys + options.key if key[1][0] == WITNESS]
        own = next(key for key in keys if key[0].split()[0] == origin and key not in witnesses)
        notes = [(value, False) for word, value in head if word == "checkpoint"]
        notes += [(base64.b64encode(Path(one).read_bytes()), True) for one in options.checkpoint]
        chain, claims, below = claims_of(notes, own, witnesses, faults)
    except (OSError, ValueError, StopIteration) as error:
        sys.stdout.write(f"no part of a log: {error}\n")
        return 2
    faults += [(below, "unannounced") for key in keys if key not in chain + witnesses]
    faults += [(0, "other-log") for key in options.key if key not in chain + witnesses]
    for line in lines[at:]:
        known = {size: root for size, root, is_given, _at in claims if is_given}
        check_entry(line, (chain[-1], witnesses), known, shown, faults)
    check_range(head, shown, faults)
    if not intact:
        faults.append((max(shown, default=0) + 1, "damaged"))
    said = f"whole: {len(shown)} entries of {origin}"
    if faults:
        leaf, fault = min(faults, key=lambda one: (one[0], BY_CERTAINTY.index(one[1])))
        said = f"not whole: leaf {leaf}: {fault}"
    sys.stdout.write(f"{said}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
