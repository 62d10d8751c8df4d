"""The list of whose data could have been read: how long it takes, and how much memory (P-30).

A list of people is taken in, so that each record has keys of its own. Once a version of the keys
has leaked, and everybody is listed; once an account has read some of them, and every tie is opened
to find whom. The time of the large list is what the small one took, by the person.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from benchmarks import people
from benchmarks.lists import OFFICER
from benchmarks.node import SAMPLED, database, register_people
from benchmarks.report import Report, dumps, peak_mb
from rfl import wiring
from rfl.crypto.argon import SALT_BYTES, key_from
from rfl.domain.breach import Asked
from rfl.domain.ids import new_id
from rfl.flows import enrol
from rfl.flows.list_breach import list_breach
from rfl.flows.open_breach import open_breach
from rfl.flows.runtime import OFFICE_CALL, Runtime

LARGE = 300_000
READ = 100
READER = replace(OFFICER, actor=replace(OFFICER.actor, id=new_id("acc")))
_WORDS = "correct horse battery staple"


def run(count: int) -> Report:
    """Measure among `count` people, on SQLite and on PostgreSQL."""
    report = Report(f"breach list among {count:,} people")
    for kind in SAMPLED:
        with _filled(kind, count) as (rt, folder):
            # What a passphrase takes (64 MiB, argon2id) is the same however long the list is.
            key_from(_WORDS, bytes(SALT_BYTES))
            before = peak_mb()
            for name, by in (("key", {"key": 1}), ("actor", {"actor": READER.actor.id})):
                now = rt.clock()
                asked = Asked(now - timedelta(hours=1), now + timedelta(hours=1), **by)
                began = time.perf_counter()
                listed = list_breach(rt, OFFICE_CALL, asked, folder / name, _WORDS)
                took = time.perf_counter() - began
                if sum(listed.persons.values()) != (count if name == "key" else READ):
                    raise RuntimeError("the list does not hold who was read")
                report.put(f"{kind}_{name}_seconds", took)
                report.put(f"{kind}_{name}_minutes_for_300k", took * LARGE / count / 60, most=10)
            report.put(f"{kind}_more_mb", peak_mb() - before, most=50)
            began = time.perf_counter()
            if sum(one["type"] == "person" for one in open_breach(folder / "key", _WORDS)) != count:
                raise RuntimeError("the file does not hold everybody")
            report.put(f"{kind}_open_seconds", time.perf_counter() - began)
    return report


@contextmanager
def _filled(kind: str, count: int) -> Iterator[tuple[Runtime, Path]]:
    with tempfile.TemporaryDirectory(prefix="rfl-bench-") as name, database(kind) as url:
        folder = Path(name)
        chosen = wiring.settings(
            data=folder, key_file=folder / "keys" / "master.key", database=url or None
        )
        rt = wiring.prepare(chosen)
        register_people(rt, list(people.people(count)))
        for row in enrol.list_registrations(rt, OFFICER, (-1, ""), READ):
            enrol.read_registration(rt, READER, row.id)
        yield rt, folder
        rt.database.dispose()


def main() -> None:
    """Measure among the number of people given."""
    parser = argparse.ArgumentParser(prog="benchmarks.breach", description=__doc__)
    parser.add_argument("--people", type=int, default=3_000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    report = run(asked.people)
    print(dumps([report]) if asked.json else report.table())


if __name__ == "__main__":
    main()
