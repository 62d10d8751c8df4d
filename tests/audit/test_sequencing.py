"""Entries get their places in the tree once and in order, whoever writes and sequences."""

import threading
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest

from rfl.audit import merkle, notes, sequencer
from rfl.audit.tiles import TreeDamaged
from rfl.background import Background
from rfl.domain.access import Verb
from rfl.flows.back_up import back_up, restore
from rfl.flows.runtime import MATCHER_CALL, OFFICE_CALL, Runtime
from rfl.flows.sequence import checkpoint_due, log_key, sequence_waiting, sign_checkpoint
from rfl.storage import ledger, migrate, tree
from tests.audit.logs import add_entries, check_whole, kept_bodies, tree_order, tree_root
from tests.support import Clock, make_runtime


def test_entries_get_the_next_places_in_their_order(rt: Runtime) -> None:
    add_entries(rt, 5)
    assert sequence_waiting(rt) == 5
    add_entries(rt, 3)
    assert sequence_waiting(rt) == 3
    assert sequence_waiting(rt) == 0
    assert tree_order(rt) == sorted(kept_bodies(rt))
    assert check_whole(rt) == 8


def test_batches_fill_the_tree_as_one_would(rt: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencer, "BATCH", 7)
    with rt.begin(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        for _ in range(300):
            ledger.append(work)
    while sequence_waiting(rt):
        pass
    assert check_whole(rt) == 300


def test_what_is_rolled_back_has_no_place(rt: Runtime) -> None:
    with suppress(ZeroDivisionError), rt.begin(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        ledger.append(work)
        raise ZeroDivisionError
    assert sequence_waiting(rt) == 0


def test_a_late_commit_is_a_later_leaf(postgres_rt: Runtime) -> None:
    """On SQLite nothing commits late: it has one writer."""
    rt = postgres_rt
    appended, let_go = threading.Event(), threading.Event()

    def commit_late() -> None:
        with rt.begin(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
            ledger.append(work, reason="late")
            ledger.flush(work)
            appended.set()
            let_go.wait(20)

    thread = threading.Thread(target=commit_late)
    thread.start()
    assert appended.wait(10)
    add_entries(rt, 200)
    assert sequence_waiting(rt) == 200
    let_go.set()
    thread.join()
    add_entries(rt, 1)
    assert sequence_waiting(rt) == 2
    order = tree_order(rt)
    assert order[-2] < order[0]
    assert check_whole(rt) == 202
    with rt.look(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        assert [tree.index_of(work, seq) for seq in order] == list(range(202))


def test_writers_and_sequencers_at_once_lose_and_repeat_nothing(
    rt: Runtime, tmp_path: Path, clock: Clock
) -> None:
    other = make_runtime(rt.database.url.render_as_string(False), tmp_path, clock)
    ended = threading.Event()

    def sequence(node: Runtime) -> None:
        while not ended.is_set():
            sequence_waiting(node)

    writers = [threading.Thread(target=add_entries, args=(node, 40)) for node in (rt, other) * 2]
    sequencers = [threading.Thread(target=sequence, args=(node,)) for node in (rt, other)]
    for thread in writers + sequencers:
        thread.start()
    for thread in writers:
        thread.join()
    ended.set()
    for thread in sequencers:
        thread.join()
    sequence_waiting(rt)
    other.database.dispose()
    assert check_whole(rt) == 160


def test_entries_from_before_the_tree_get_their_places(rt: Runtime) -> None:
    add_entries(rt, 4)
    sequence_waiting(rt)
    before = tree_root(rt)
    migrate.downgrade(rt.database, "0001")
    migrate.upgrade(rt.database)
    assert sequence_waiting(rt) == 4
    assert tree_root(rt) == before


def test_entries_that_wait_without_a_leaf_get_it_from_their_bodies(rt: Runtime) -> None:
    """A version of before has written them, or a hand has put something else there."""
    add_entries(rt, 4)
    with rt.database.write() as connection:
        connection.exec_driver_sql("UPDATE ledger_waiting SET leaf = NULL WHERE seq < 3")
        connection.exec_driver_sql("UPDATE ledger_waiting SET leaf = '' WHERE seq = 3")
    assert sequence_waiting(rt) == 4
    assert check_whole(rt) == 4


def test_every_entry_can_be_proved(rt: Runtime) -> None:
    add_entries(rt, 40)
    sequence_waiting(rt)
    bodies = kept_bodies(rt)
    with rt.look(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        stored, size = sequencer.stored(work), tree.size(work)
        for seq, body in bodies.items():
            index = tree.index_of(work, seq)
            assert index is not None
            proof = stored.inclusion_proof(index, size)
            assert merkle.includes(merkle.leaf_hash(body), index, size, proof, stored.root(size))
        assert tree.index_of(work, max(bodies) + 1) is None


def test_filler_goes_up_to_the_next_multiple_and_is_no_entry(rt: Runtime) -> None:
    add_entries(rt, 3)
    sequence_waiting(rt)
    note = sign_checkpoint(rt, padded=True)
    assert notes.parse_checkpoint(note.text).size == 1024
    assert sign_checkpoint(rt, padded=True) == note
    add_entries(rt, 1)
    sequence_waiting(rt)
    assert tree_order(rt)[3:1024] == [tree.FILLER] * 1021
    assert check_whole(rt) == 4


def test_a_checkpoint_verifies_and_says_what_the_tree_is(rt: Runtime) -> None:
    add_entries(rt, 10)
    sequence_waiting(rt)
    note = sign_checkpoint(rt)
    assert notes.signed_by(notes.parse_note(note.to_bytes()), log_key(rt))
    said = notes.parse_checkpoint(note.text)
    assert (said.origin, said.size, said.root) == ("rfl/north", 10, tree_root(rt))
    assert sign_checkpoint(rt) == note


def test_later_checkpoints_begin_with_earlier_ones(rt: Runtime) -> None:
    said = []
    for count in (1, 6, 20, 300):
        add_entries(rt, count)
        sequence_waiting(rt)
        said.append(notes.parse_checkpoint(sign_checkpoint(rt).text))
    with rt.look(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        for old, new in pairwise(said):
            proof = sequencer.stored(work).consistency_proof(old.size, new.size)
            assert merkle.is_prefix(old.size, old.root, new.size, new.root, proof)


def test_a_checkpoint_is_due_when_the_log_has_grown_and_ten_seconds_are_over(
    rt: Runtime, clock: Clock
) -> None:
    assert not checkpoint_due(rt)
    add_entries(rt, 1)
    sequence_waiting(rt)
    assert checkpoint_due(rt)
    sign_checkpoint(rt)
    clock.move(seconds=60)
    assert not checkpoint_due(rt)
    add_entries(rt, 1)
    sequence_waiting(rt)
    assert checkpoint_due(rt)
    sign_checkpoint(rt)
    add_entries(rt, 1)
    sequence_waiting(rt)
    assert not checkpoint_due(rt)
    clock.move(seconds=-3_600)
    assert checkpoint_due(rt), "a clock that went back must not silence the log"


def test_of_checkpoints_that_no_peer_has_only_the_newest_is_kept(rt: Runtime) -> None:
    for padded in (False, True, False, False):
        add_entries(rt, 1)
        sequence_waiting(rt)
        sign_checkpoint(rt, padded=padded)
    with rt.look(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        kept = [(one.size, one.padded) for one in tree.all_checkpoints(work)]
    assert kept == [(1024, True), (1026, False)]


def test_a_witness_line_is_kept_once_a_witness(rt: Runtime) -> None:
    add_entries(rt, 1)
    sequence_waiting(rt)
    sign_checkpoint(rt, padded=True)
    with rt.begin(OFFICE_CALL, Verb.LOG_SEQUENCE) as work:
        for witness, line in (("rfl/south", b"1"), ("rfl/east", b"2"), ("rfl/south", b"3")):
            tree.keep_cosignature(work, 1024, witness, work.micros, line)
        assert tree.cosignatures_of(work, 1024) == [b"2", b"3"]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM tree_tiles WHERE place = 72057594037927936",  # level 1, number 0
        "UPDATE tree_tiles SET hashes = (SELECT hashes FROM tree_tiles WHERE place = 1)"
        " WHERE place = 2",
        "DELETE FROM tree_order",
    ],
)
def test_nothing_is_signed_over_a_tree_that_a_hand_has_changed(rt: Runtime, statement: str) -> None:
    add_entries(rt, 40)
    sequence_waiting(rt)
    sign_checkpoint(rt)
    with rt.database.write() as connection:
        connection.exec_driver_sql(statement)
    with pytest.raises(TreeDamaged):
        sign_checkpoint(rt)


def test_a_restored_log_is_the_same_tree_and_goes_on(
    rt: Runtime, tmp_path: Path, clock: Clock
) -> None:
    add_entries(rt, 20)
    sequence_waiting(rt)
    sign_checkpoint(rt, padded=True)
    add_entries(rt, 2)
    root = tree_root(rt)
    back_up(rt, OFFICE_CALL, tmp_path / "backup")
    migrate.downgrade(rt.database, "base")
    migrate.upgrade(rt.database)
    restore(rt, OFFICE_CALL, tmp_path / "backup")
    assert tree_root(rt) == root
    sequence_waiting(rt)
    sign_checkpoint(rt)
    # The backup holds its own first entry, and the restoring is the newest.
    assert check_whole(rt) == 24


def test_the_background_sequences_within_a_second_and_signs(rt: Runtime) -> None:
    add_entries(rt, 5)
    background = Background(rt, matching=False)
    background.start()
    signed = threading.Event()
    for _ in range(100):
        with rt.look(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
            if tree.latest_checkpoint(work):
                signed.set()
                break
        threading.Event().wait(0.02)
    background.stop()
    assert signed.is_set()
    assert check_whole(rt) == 5
