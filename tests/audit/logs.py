"""What tests of the log build with: entries, and what must always hold of the tree."""

from rfl.audit import merkle, sequencer
from rfl.domain.access import Verb
from rfl.flows.runtime import MATCHER_CALL, Runtime
from rfl.storage import ledger, tree


def add_entries(rt: Runtime, count: int) -> None:
    """Write entries, each committed by itself."""
    for _ in range(count):
        with rt.begin(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
            ledger.append(work, objects=["log_of_nobody"])


def kept_bodies(rt: Runtime) -> dict[int, bytes]:
    """Every entry's body by its row's number."""
    with rt.look(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        rows = work.connection.exec_driver_sql("SELECT seq, body FROM ledger")
        return {row[0]: bytes(row[1]) for row in rows}


def tree_order(rt: Runtime) -> list[int]:
    """The row's number of every leaf."""
    with rt.look(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        return tree.order(work, 0, tree.size(work))


def tree_root(rt: Runtime, size: int | None = None) -> bytes:
    """The root that the kept tree has at a size, or now."""
    with rt.look(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        return sequencer.stored(work).root(tree.size(work) if size is None else size)


def check_whole(rt: Runtime) -> int:
    """Check that every entry is one leaf and the root is theirs; return how many there are."""
    bodies, order = kept_bodies(rt), tree_order(rt)
    entries = [seq for seq in order if seq != tree.FILLER]
    assert sorted(entries) == sorted(bodies)
    contents = [
        bodies[seq] if seq != tree.FILLER else sequencer.filler(index)
        for index, seq in enumerate(order)
    ]
    assert tree_root(rt) == merkle.root([merkle.leaf_hash(content) for content in contents])
    return len(entries)
