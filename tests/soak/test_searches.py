"""Thousands of searches show whom scoring every candidate as it stands in the store would show."""

import os

import pytest

from benchmarks import lists, sealed
from benchmarks.crowd import asked, crowd
from rfl.flows import register
from rfl.flows.follow import load_pools
from rfl.flows.search import CONSIDERED, LEAST, SHOWN, search
from rfl.matching.pools import Pool
from rfl.matching.prepared import prepare
from rfl.matching.scoring import score_many

PEOPLE = 20_000
SEARCHES = 3_000


@pytest.mark.soak
@pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning")
def test_ranking_in_memory_shows_the_ten_that_scoring_all_candidates_would() -> None:
    seed = int(os.environ.get("SOAK_SEED", "33"))
    known = crowd(PEOPLE)
    with lists.node() as rt:
        records = sealed.fill(rt, known)
        stands = {record: number for number, record in enumerate(records)}
        load_pools(rt)
        intake = register.open_intake(rt, lists.OFFICER).id
        for one in asked(known, SEARCHES, seed=seed):
            person = sealed.person_of(one.query)
            query, among = prepare(person), rt.pools.among()
            found = [c.record for c in rt.pools.find(Pool.REGISTERED, query, CONSIDERED, but="")]
            opened = [prepare(sealed.person_of(known[stands[record]])) for record in found]
            scores = score_many(query, opened, among=among)
            everyone = dict(zip(found, (score.probability for score in scores), strict=True))
            best = sorted(everyone.values(), reverse=True)[:SHOWN]
            shown = search(rt, lists.OFFICER, intake, person)
            told = [hit.score.probability for hit in shown]
            # Of two who score the same either may be the tenth.
            assert told == pytest.approx([value for value in best if value >= LEAST])
            assert told == pytest.approx([everyone[hit.record] for hit in shown])
