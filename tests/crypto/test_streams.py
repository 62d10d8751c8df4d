"""A sealed stream opens whole or not at all."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfl.crypto.streams import CHUNK, SealingWriter, opened_chunks
from rfl.errors import SealBroken

KEY = bytes(range(32))


def sealed(content: bytes, label: str = "backup") -> bytes:
    sink = io.BytesIO()
    writer = SealingWriter(sink, KEY, label)
    for start in range(0, len(content), 10_007):
        writer.write(content[start : start + 10_007])
    writer.finish()
    return sink.getvalue()


def opened(stream: bytes, key: bytes = KEY, label: str = "backup") -> bytes:
    return b"".join(opened_chunks(io.BytesIO(stream), key, label))


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_a_stream_of_any_length_opens_again(size: int) -> None:
    content = bytes(index % 251 for index in range(size))
    assert opened(sealed(content)) == content


@pytest.mark.parametrize("cut", [1, 17, CHUNK, CHUNK + 20])
def test_a_stream_cut_off_anywhere_does_not_open(cut: int) -> None:
    with pytest.raises(SealBroken):
        opened(sealed(bytes(2 * CHUNK))[:-cut])


def test_a_stream_cut_at_a_chunk_does_not_open() -> None:
    whole = sealed(bytes(2 * CHUNK))
    with pytest.raises(SealBroken):
        opened(whole[: 24 + 4 + CHUNK + 16])


def test_chunks_swapped_do_not_open() -> None:
    whole, size = sealed(bytes(3 * CHUNK)), 4 + CHUNK + 16
    head, first, second = whole[:24], whole[24 : 24 + size], whole[24 + size : 24 + 2 * size]
    with pytest.raises(SealBroken):
        opened(head + second + first + whole[24 + 2 * size :])


def test_bytes_after_the_end_are_refused() -> None:
    with pytest.raises(SealBroken):
        opened(sealed(b"list") + b"x")


def test_another_key_or_label_does_not_open() -> None:
    with pytest.raises(SealBroken):
        opened(sealed(b"list"), key=bytes(32))
    with pytest.raises(SealBroken):
        opened(sealed(b"list"), label="keys")


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(SealBroken):
        opened(content)
