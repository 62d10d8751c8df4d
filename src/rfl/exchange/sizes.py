"""One size for all common envelopes, so that a length tells nothing about a case.

What is sealed is `length (4, big endian) || content || zeros`. Everything up to 16 KiB fills 16
KiB; beyond it each class is four times the one before. More travels as an attachment.
"""

from typing import Final

from rfl.errors import BadEnvelope, TooLarge

CLASSES: Final = (16_384, 65_536, 262_144, 1_048_576)
_LENGTH: Final = 4
MOST: Final = CLASSES[-1] - _LENGTH


def filled(content: bytes) -> bytes:
    """Return the content framed and filled up to its class, or raise TooLarge."""
    framed = _LENGTH + len(content)
    size = next((one for one in CLASSES if framed <= one), None)
    if size is None:
        raise TooLarge("A letter has at most 1 MiB; larger things travel as attachments.")
    return len(content).to_bytes(_LENGTH, "big") + content + bytes(size - framed)


def unfilled(framed: bytes) -> bytes:
    """Return what `filled` was given, or raise BadEnvelope: the smallest class, and only zeros."""
    length = int.from_bytes(framed[:_LENGTH], "big")
    content = framed[_LENGTH : _LENGTH + length]
    if len(framed) not in CLASSES or length > MOST or filled(content) != framed:
        raise BadEnvelope
    return content
