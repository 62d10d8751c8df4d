"""A second verifier of exported access logs, for auditors who trust no package of ours.

Usage: python3 verify_log.py FILE [--checkpoint NOTE]... [--key KEY]...
Ends with 0 if the log is whole, 1 if not (the lowest fault is named), 2 if the file is none. Checks
hashes (RFC 6962, 2.1), signed roots (C2SP tlog-checkpoint), what has ended, and witnesses' dates.
"""

import argparse
import base64
import json
import sys
from datetime import datetime
from functools import partial, reduce
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

BY_CERTAINTY = "malformed changed missing inserted reordered truncated early unannounced unsigned"
BY_CERTAINTY += " contradicted forked other-log damaged"
NEXT, WITNESS, DAY, NEVER, EMPTY = "next-key ", 4, 86_400, 1 << 63, sha256().digest()
_decoded = partial(base64.b64decode, validate=True)


def parse_key(text):
    """Return `name id`, and kind with key, of a key written `name+id+base64(kind || key)`."""
    name, ident, encoded = text.split("+", 2)
    raw = _decoded(encoded)
    if sha256(name.encode() + b"\n" + raw).hexdigest()[:8] != ident or len(raw) != 33:
        raise ValueError("the key does not have its id")
    return f"{name} {ident}", raw


def read_note(raw):
    """Return size, root, announced key or None, text, and (key's name, signature) of each line."""
    try:
        text, _, lines = _decoded(raw).decode().rpartition("\n\n")
        _origin, size, root, *more = text.split("\n")
        said = [line.split(" ") for line in lines.splitlines()]
        said = [(n, _decoded(one)) for _, n, one in said if n.isprintable() and "+" not in n]
        if lines != "".join(f"\u2014 {n} {base64.b64encode(raw).decode()}\n" for n, raw in said):
            raise ValueError("the note is not as it should be written")
        signed = [(f"{name} {raw[:4].hex()}", raw[4:]) for name, raw in said]
        keys = [parse_key(one[len(NEXT) :]) for one in more if one.startswith(NEXT)]
        return int(size), _decoded(root), keys[0] if keys else None, f"{text}\n", signed
    except ValueError:
        return NEVER, b"", None, "", []


def moments_of(note, key, witnesses):
    """Return when witnesses signed a note that its log's key has signed; a false line raises."""
    *_size_and_root, following, text, signed = note
    own, moments = dict([key, following or key]), []
    keys = {**dict(witnesses), **own}
    for name, value in [(name, value) for name, value in signed if name in keys]:
        content = text
        if keys[name][0] == WITNESS:
            moments.append(int.from_bytes(value[:8], "big"))
            content, value = f"cosignature/v1\ntime {moments[-1]}\n{text}", value[8:]
        Ed25519PublicKey.from_public_bytes(keys[name][1:]).verify(value, content.encode())
    if not {*own} <= {name for name, _value in signed} or text.split()[0] != key[0].split()[0]:
        raise ValueError("the log's key has not signed")
    return moments


def claims_of(raw_notes, key, witnesses, faults):
    """Return the log's keys, and (size, root, given, moments) of each note that one has signed."""
    chain, claims, below = [key], [], 0
    notes = [(*read_note(raw), is_given) for raw, is_given in raw_notes]
    for *note, is_given in sorted(notes, key=lambda one: (one[0], bool(one[2]), not one[-1])):
        try:
            claims.append((*note[:2], is_given, moments_of(note, chain[-1], witnesses)))
        except (InvalidSignature, ValueError):
            faults.append((0, "other-log") if is_given else (NEVER, "unsigned"))
        else:
            below = below if is_given else note[0]
            chain += [note[2]] if note[2] else []
    faults[:] = [(min(at, below), fault) for at, fault in faults]
    return chain, claims, below


def listed_in(line, size):
    """Return the hashes that a block lists, and what is wrong with the list."""
    try:
        begin, count, encoded = line.split()
        raw, begin = _decoded(encoded), int(begin)
        is_bad = begin < size or len(raw) != 32 * int(count)
    except ValueError:
        raw, begin, is_bad = b"", size, True
    hole = "malformed" if is_bad else "missing" if begin > size else ""
    return [raw[start : start + 32] for start in range(0, len(raw) - 31, 32)], hole


def compare(contents, found, listed, is_last):
    """Return where the contents of a block first differ from the listed hashes, and how."""
    at = next((n for n, one in enumerate(found) if [one] != listed[n : n + 1]), len(found))
    if at == len(found):
        return at, "truncated" if is_last else "missing"
    if at == len(listed) or (listed[at] in found[at:] and found[at] not in listed[at:]):
        return at, "inserted"
    if listed[at] in found[at:]:
        return at, "reordered"
    return at, "missing" if found[at] in listed[at:] or contents[at] == b"-" else "changed"


def check_contents(blocks, faults):
    """Compare contents with listed hashes; return these, how many are sound, and what ended."""
    leaves, sound, absent, expiries = [], NEVER, [], []
    for number, (line, *contents) in enumerate(blocks):
        size, (listed, hole) = len(leaves), listed_in(line, len(leaves))
        faults += [(size, hole)] if hole and sound == NEVER else []
        sound = min(sound, size) if hole else sound  # From a hole on the list says nothing.
        found = [sha256(b"\x00" + content).digest() for content in contents]
        for at, (content, leaf) in enumerate(zip(contents, listed, strict=False)):
            if content == b"-":
                absent.append(size + at)
                found[at] = leaf
            elif found[at] == leaf and b'"action":"log.expire"' in content:
                expiries.append((size + at, json.loads(content)))
        if found != listed:
            at, fault = compare(contents, found, listed, number == len(blocks) - 1)
            faults.append((size + at, fault))
        leaves += listed
    return leaves, sound, absent, expiries


def check_expiries(absent, expiries, claims, faults):
    """Name the first content that no expiry accounts for, and the first that ended too early."""
    ended, dates, latest = 0, {}, NEVER
    for size, _root, _given, moments in sorted(claims, key=lambda claim: -claim[0]):
        dates[size] = latest = min([latest, *moments])  # What comes later is no older than this.
    for leaf, said in expiries:
        days = (said["reason"] or "").removeprefix("retention_").removesuffix("_days")
        if said["decision"] == "allowed" and said["count"] <= leaf and days.isdecimal():
            seen = [t for n, t in dates.items() if n > leaf]
            seen += [datetime.fromisoformat(said["at"]).timestamp()]
            limit, end = min(seen) - (int(days) - 1) * DAY, said["count"]
            faults += [(n, "early") for n, t in dates.items() if n < end and limit < t < NEVER]
            ended = max(ended, end)
    faults += [(leaf, "missing") for leaf in absent if leaf >= ended][:1]


def check_roots(leaves, sound, claims, faults):
    """Compare roots, made of complete subtrees from the last, with the signed (RFC 9162, 2.1.1)."""
    levels, agreed, kinds, total = [leaves], 0, ("forked", "contradicted"), len(leaves)
    while len(levels[-1]) > 1:
        pairs = zip(levels[-1][::2], levels[-1][1::2], strict=False)
        levels.append([sha256(b"\x01" + left + right).digest() for left, right in pairs])
    reached = [claim for claim in claims if claim[0] <= min(total, sound)]
    for size, root, given, _at in sorted(reached, key=lambda claim: (claim[0], not claim[2])):
        parts = [level[(size >> n) - 1] for n, level in enumerate(levels) if size >> n & 1]
        if root != reduce(lambda one, two: sha256(b"\x01" + two + one).digest(), parts or [EMPTY]):
            faults.append((min(agreed, max(size - 1, 0)), kinds[0 if given else 1]))
        elif not any(fault in kinds for _at, fault in faults):
            agreed = size
    signed = max((claim[0] for claim in claims), default=0)
    if signed != total:
        faults.append((min(signed, total), "truncated" if signed > total else "unsigned"))


def main():
    """Read, check, print one line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file")
    parser.add_argument("--checkpoint", action="append", default=[], help="file with a signed note")
    parser.add_argument("--key", action="append", default=[], type=parse_key, help="name+id+key")
    options, faults = parser.parse_args(), []
    try:
        content = Path(options.file).read_bytes()
        body, end, digest = content.rpartition(b"\nend ")
        intact = digest == sha256(body + b"\n").hexdigest().encode() + b"\n"
        body = body if end and b"\n" not in digest[:-1] else content.removesuffix(b"\n")
        head, *blocks = [part.split(b"\n") for part in body.split(b"\nleaves ")]
        if head[0] != b"rfl-log-1":
            raise ValueError("the file does not begin as one")
        head = [line.decode("utf-8", "replace").partition(" ")[::2] for line in head]
        notes = [(value, False) for word, value in head if word == "checkpoint"]
        notes += [(base64.b64encode(Path(one).read_bytes()), True) for one in options.checkpoint]
        keys = [parse_key(value) for word, value in head if word in ("key", "witness")]
        witnesses = [key for key in keys + options.key if key[1][0] == WITNESS]
        first = next(k for k in keys if ("origin", k[0].split()[0]) in head and k[1][0] == 1)
        chain, claims, below = claims_of(notes, first, witnesses, faults)
    except (OSError, ValueError, StopIteration) as error:
        sys.stdout.write(f"no exported log: {error}\n")
        return 2
    faults += [(below, "unannounced") for key in keys if key not in chain + witnesses]
    faults += [(0, "other-log") for key in options.key if key not in chain + witnesses]
    leaves, sound, *ended = check_contents(blocks, faults)
    check_expiries(*ended, claims, faults)
    check_roots(leaves, sound, claims, faults)
    faults += [] if intact else [(len(leaves), "damaged")]
    whole = f"whole: {len(leaves)} leaves, {len(claims)} checkpoints of {first[0]}\n"
    at, fault = min(faults, key=lambda one: (one[0], BY_CERTAINTY.index(one[1])), default=(0, ""))
    sys.stdout.write(f"not whole: leaf {at}: {fault}\n" if faults else whole)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
