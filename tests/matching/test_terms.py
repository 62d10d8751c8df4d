"""What is sealed for each record: small, versioned, the same for the same description."""

import struct

import pytest

from rfl.domain.person import Relation, Sex
from rfl.matching.scripts import NORM_VERSION
from rfl.matching.terms import (
    HEADER,
    MAX_TERMS,
    TERMS_VERSION,
    StaleTerms,
    Terms,
    is_current,
    prepare,
    terms_of,
)
from tests.matching.people import make_kin, make_person


def sealed(*names: str) -> bytes:
    return terms_of(prepare(make_person(*names, sex=Sex.FEMALE, birth="1984"))).to_bytes()


def hashes(content: bytes) -> set[int]:
    return {value for (value,) in struct.iter_unpack("<I", Terms.from_bytes(content).hashes)}


def test_terms_come_back_as_they_were_sealed() -> None:
    made = terms_of(prepare(make_person("Selam Tesfaye", sex=Sex.FEMALE, birth="1984")))
    read = Terms.from_bytes(made.to_bytes())
    assert read == made
    assert (read.sex, read.first_year, read.last_year) == (1, 1984, 1984)


def test_terms_of_another_version_are_reported() -> None:
    old = struct.pack("<H", TERMS_VERSION - 1) + sealed("Selam Tesfaye")[2:]
    assert not is_current(old)
    with pytest.raises(StaleTerms):
        Terms.from_bytes(old)


@pytest.mark.parametrize("cut", [0, 1, 7, HEADER.size + 1])
def test_what_is_cut_short_is_stale(cut: int) -> None:
    assert not is_current(sealed("Selam Tesfaye")[:cut])


def test_two_spellings_of_a_name_share_terms() -> None:
    assert len(hashes(sealed("Miroslav")) & hashes(sealed("Мирослав"))) >= 3
    assert hashes(sealed("Yusuf")) & hashes(sealed("Joseph"))


def test_one_typing_error_leaves_terms_in_common() -> None:
    assert hashes(sealed("Trajkovski")) & hashes(sealed("Trajkvovski"))


def test_kin_and_own_names_have_no_term_in_common() -> None:
    of_kin = make_person("Q", kin=(make_kin(Relation.FATHER, "Tesfaye"),))
    kin_only = terms_of(prepare(of_kin)).to_bytes()
    assert hashes(kin_only) - hashes(sealed("Q"))
    assert not hashes(kin_only) & hashes(sealed("Tesfaye"))


def test_a_typical_persons_terms_are_small() -> None:
    assert len(sealed("Ahmad Zia Karimi")) < 250


def test_the_number_of_terms_is_bounded() -> None:
    many = [" ".join(f"n{i}letter{k}" for i in range(30)) for k in range(12)]
    assert len(hashes(sealed(*many))) <= MAX_TERMS


def test_terms_show_nothing_of_the_names() -> None:
    made = terms_of(prepare(make_person("Selam Tesfaye")))
    assert repr(made) == "<Terms>"
    assert b"selam" not in made.to_bytes().lower()


def test_the_version_changes_with_the_tables() -> None:
    assert TERMS_VERSION // 16 == NORM_VERSION
