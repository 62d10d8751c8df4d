"""A part of the index that another process sorted is the part that this one would have sorted."""

import subprocess
import sys
from typing import Any

import pytest
from numpy.typing import NDArray

from rfl.domain.ids import new_id
from rfl.matching import packed, pools
from rfl.matching.carried import arrived, carried
from rfl.matching.index import TermIndex
from rfl.matching.keys import pack_keys, unpack_keys
from rfl.matching.pools import Pool
from rfl.matching.segment import Segment, build
from rfl.matching.terms import prepare, search_terms
from tests.matching.people import make_person

NAMES = ("Selam Tesfaye", "ሰላም ተስፋዬ", "Goran Ristov", "Ана Ристова", "Yusuf")
RECORDS = sorted(new_id("reg") for _name in NAMES)


def terms(name: str) -> bytes:
    return pools.person_terms([(Pool.REGISTERED, make_person(name))])


def arrays(segment: Segment) -> dict[str, NDArray[Any]]:
    found = {name: getattr(segment, name) for name in Segment.__slots__ if name != "keys"}
    return found | {name: getattr(segment.keys, name) for name in segment.keys.__slots__}


def test_a_part_arrives_as_it_was_sorted_and_whoever_is_removed_is_gone() -> None:
    contents = [terms(name) for name in NAMES]
    block = packed.unpack_many(contents, "r", pools.rules()).block
    here = build(pack_keys(RECORDS), block)
    came = arrived(carried(RECORDS, contents, pools.rules()))
    assert (came.people, came.records, came.contents) == (len(NAMES), [], [])
    assert came.segment is not None
    for name, array in arrays(here).items():
        other = arrays(came.segment)[name]
        assert (other.dtype, other.tolist()) == (array.dtype, array.tolist()), name
    index = TermIndex()
    index.add_segment(came.segment)
    assert index.remove(RECORDS[0])
    assert RECORDS[0] not in index
    assert RECORDS[1] in index


def test_a_part_takes_the_place_of_what_its_people_had() -> None:
    index = TermIndex()
    index.add_many(RECORDS[:3], [search_terms(make_person("Zorica Kostovska"))] * 3)
    message = carried(RECORDS, [terms(name) for name in NAMES], pools.rules())
    for _time in range(2):
        came = arrived(message)
        assert came.segment is not None
        index.add_segment(came.segment)
        assert len(index) == len(NAMES)
    found = index.candidates(prepare(make_person("Zorica Kostovska", "Selam Tesfaye")), 10)
    assert RECORDS[0] in {one.key for one in found}
    assert not [one for one in found if b"Zorica" in one.sketch]


OLDER = [b"\x92\x91\x93\xa1r", b"\x00\x00\x01\x00" * 10]


@pytest.mark.parametrize("older", OLDER)
def test_what_other_rules_wrote_and_what_is_a_cases_comes_back_as_it_was(older: bytes) -> None:
    case = pools.person_terms([(Pool.SOUGHT, make_person("Selam Tesfaye"))])
    contents = [older, terms("Goran Ristov"), case, terms("Yusuf")]
    came = arrived(carried(RECORDS[:4], contents, pools.rules()))
    assert came.segment is not None
    assert unpack_keys(came.segment.keys) == [RECORDS[1], RECORDS[3]]
    assert dict(zip(came.records, came.contents, strict=True)) == {
        RECORDS[0]: older,
        RECORDS[2]: case,
    }
    assert came.people == 4


def test_all_come_back_to_whoever_has_other_rules() -> None:
    contents = [terms(name) for name in NAMES]
    version, own = pools.rules()
    for rules in ((version + 1, own), (version, own ^ 1)):
        came = arrived(carried(RECORDS, contents, rules))
        assert (came.segment, came.records, came.contents) == (None, RECORDS, contents)


def test_terms_that_were_cut_short_are_sorted_by_nobody() -> None:
    contents = [terms("Yusuf"), terms("Goran Ristov")[:-4]]
    came = arrived(carried(RECORDS[:2], contents, pools.rules()))
    assert contents[1] in came.contents
    assert came.people == 2


def test_of_nobody_nothing_comes() -> None:
    assert arrived(carried([], [], pools.rules())).people == 0


def test_a_process_that_opens_beside_loads_nothing_that_reads_names() -> None:
    told = subprocess.run(
        [sys.executable, "-P", "-c", "import sys, rfl.opener; print(*sys.modules)"],
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split()
    assert "rfl.matching.carried" in told
    assert {"rfl.matching.names", "rfl.matching.gazetteer", "rfl.domain.person"}.isdisjoint(told)
