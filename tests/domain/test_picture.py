"""A picture that may leave says nothing of itself, and is drawn as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfl.domain.picture import bare
from rfl.errors import UnsupportedMedia
from tests.exchange.pictures import PLACE, SCAN, make_jpeg, make_png

WHOLE = {"image/jpeg": make_jpeg(), "image/png": make_png()}


@pytest.mark.parametrize("kind", WHOLE)
def test_place_words_and_second_pictures_go_and_what_is_drawn_stays(kind: str) -> None:
    plain = {"image/jpeg": make_jpeg(told=False), "image/png": make_png(told=False)}
    assert PLACE in WHOLE[kind]
    assert bare(kind, WHOLE[kind]) == plain[kind]
    assert bare(kind, plain[kind]) == plain[kind]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("turn", range(10))
def test_how_a_picture_is_turned_stays_and_nothing_else_of_its_exif(turn: int, order: str) -> None:
    found = bare("image/jpeg", make_jpeg(turn=turn, order=order))
    assert PLACE not in found
    assert SCAN in found
    upright = bare("image/jpeg", make_jpeg())
    assert len(found) - len(upright) == (36 if 2 <= turn <= 8 else 0)
    assert bare("image/jpeg", found) == found


@given(kind=st.sampled_from(sorted(WHOLE)), data=st.data())
def test_one_that_is_cut_off_anywhere_is_refused(kind: str, data: st.DataObject) -> None:
    end = len(bare(kind, WHOLE[kind]))
    plain = bare(kind, WHOLE[kind])
    cut = data.draw(st.integers(0, end - 1))
    with pytest.raises(UnsupportedMedia):
        bare(kind, plain[:cut])


@given(
    kind=st.sampled_from(sorted(WHOLE)),
    at=st.integers(min_value=0),
    value=st.integers(0, 255),
)
def test_any_changed_byte_gives_a_picture_or_a_refusal(kind: str, at: int, value: int) -> None:
    spoilt = bytearray(WHOLE[kind])
    spoilt[at % len(spoilt)] = value
    try:
        found = bare(kind, bytes(spoilt))
    except UnsupportedMedia:
        return
    assert len(found) <= len(spoilt)
