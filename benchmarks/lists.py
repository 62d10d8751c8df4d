"""Bulk import: sealed, indexed and logged, beside bare inserts and beside a null seal.

`rfl import` runs as a command, beside a node in a process of its own that follows the feed; the
clock runs from the first row until both are done. `cpu_us` is what all their processes computed for
one person, their start included: on a machine that others use it says more than the clock.
`one_process` does one after the other. `bare`
inserts the very same rows with SQLAlchemy Core, in one process; `null_seal` is `one_process` with
a sealing that returns what it was given.
"""

import io
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from benchmarks import people
from benchmarks.report import Report, peak_mb
from rfl.cli.garbage import collect_seldom
from rfl.crypto.agent import LocalAgent
from rfl.crypto.framing import padded
from rfl.crypto.keyring import FileProvider, make_key_file
from rfl.domain.access import Actor, Role
from rfl.domain.budget import DEFAULTS, Limit, What
from rfl.domain.person import IdentifierKind
from rfl.domain.purpose import LegalBasis, Purpose
from rfl.domain.registration import Reliability, Sharing, SourceKind
from rfl.flows import offer_list, take_list
from rfl.flows.follow import catch_up, load_pools
from rfl.flows.rules import Rules
from rfl.flows.runtime import Call, Runtime
from rfl.interchange.csvlist import read_csv
from rfl.interchange.rows import ListTerms
from rfl.matcher import IDLE_SECONDS
from rfl.storage import migrate, vault
from rfl.storage.columns import metadata
from rfl.storage.database import Database

TODAY = date(2026, 3, 1)
OFFICER = Call(Actor("acc_bench", Role.TRACING_OFFICER, "north"), Purpose.TRACING)
TERMS = ListTerms(
    owner="A camp",
    kind=SourceKind.CAMP,
    reliability=Reliability.STATED,
    sharing=Sharing.HERE_ONLY,
    legal_basis=LegalBasis.VITAL_INTEREST,
)
# One officer makes more searches here than an officer may in an hour.
_ROOMY = {**DEFAULTS, Role.TRACING_OFFICER: dict.fromkeys(What, Limit(10**9, 10**9))}
FORMATS = {
    "csv": (people.as_csv, 5_000),
    "pfif": (people.as_pfif, 5_000),
    "xlsx": (people.as_xlsx, 2_000),
}
"""How a list is written, and how many people a second are the goal."""

COPIED = (
    "lists",
    "ledger",
    "registrations",
    "record_keys",
    "sources",
    "identifiers",
    "feed",
    "ledger_objects",
)


def run(count: int) -> Report:
    """Import `count` people in each format, and the two comparisons, all in one run."""
    report = Report(f"bulk import of {count:,} people")
    rows = list(people.people(count))
    for name, (written, least) in FORMATS.items():
        with node() as rt:
            file = rt.database.path.with_name(f"list.{name}")
            file.write_bytes(written(rows))
            before = _cpu_of_ended()
            report.put(f"{name}_per_second", count / _import(rt, file, count), least=least)
            report.put(f"{name}_cpu_us", (_cpu_of_ended() - before) / count * 1e6)
    with node() as rt:
        alone = count / _import_alone(rt, people.as_csv(rows), count)
        bare = _bare_per_second(rt, count)
    with node() as rt, _null_seal():
        null = count / _import_alone(rt, people.as_csv(rows), count)
    report.put("one_process_per_second", alone)
    report.put("bare_per_second", bare)
    report.put("null_seal_per_second", null)
    report.put("ratio_to_bare", alone / bare, least=0.10)
    report.put("ratio_to_null_seal", alone / null, least=0.6)
    report.put("peak_mb", peak_mb())
    return report


@contextmanager
def node() -> Iterator[Runtime]:
    """An embedded node in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="rfl-bench-") as name:
        folder = Path(name)
        make_key_file(folder / "master.key")
        FileProvider(folder / "keyring.json", key_file=folder / "master.key").create()
        database = Database(f"sqlite:///{folder / 'rfl.db'}")
        migrate.upgrade(database)
        database.dispose()
        rt = opened(folder)
        yield rt
        rt.database.dispose()


def opened(folder: Path) -> Runtime:
    """The runtime of the node in this folder, as each of its processes has one."""
    provider = FileProvider(folder / "keyring.json", key_file=folder / "master.key")
    rules = Rules("bench", ZoneInfo("UTC"), frozenset({IdentifierKind.PHONE}), budgets=_ROOMY)
    database = Database(f"sqlite:///{folder / 'rfl.db'}")
    return Runtime(database, LocalAgent(provider), rules, lambda: datetime.now(UTC))


def _import(rt: Runtime, file: Path, count: int) -> float:
    """Run `rfl import` beside a node that follows; return the seconds until both are done."""
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    folder = rt.database.path.parent
    beside = context.Process(target=follow, args=(str(folder), count, there), daemon=True)
    beside.start()
    here.recv()
    settings = {"RFL_DATA": str(folder), "RFL_KEY_FILE": str(folder / "master.key")}
    settings |= {"RFL_IDENTIFIER_KINDS": "phone"}
    command = [sys.executable, "-m", "rfl.cli.main", "import", str(file), "--json"]
    done = subprocess.run(
        command, env={**os.environ, **settings}, stdout=subprocess.PIPE, check=True
    )
    ended = time.perf_counter()
    here.recv()
    told = json.loads(done.stdout)
    if told["added"] != count:
        raise RuntimeError("the import is not whole")
    beside.join()
    return float(told["seconds"]) + time.perf_counter() - ended


def _cpu_of_ended() -> float:
    """Seconds that all processes computed which this one has started and seen end."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _import_alone(rt: Runtime, content: bytes, count: int) -> float:
    """Import and index one after the other in this process."""
    list_id = offer_list.open_list(rt, OFFICER, TERMS)
    position = load_pools(rt)
    began = time.perf_counter()
    listing = read_csv(io.BytesIO(content), TERMS, None, TODAY)
    take_list.take_list(rt, OFFICER, list_id, listing)
    while (following := catch_up(rt, position)) != position:
        position = following
    seconds = time.perf_counter() - began
    if len(rt.pools) != count:
        raise RuntimeError("the index is not whole")
    return seconds


def follow(folder: str, count: int, line: Connection) -> None:
    """The node beside: take changes into the pools until `count` people are in them."""
    rt = opened(Path(folder))
    position = load_pools(rt)
    collect_seldom()
    line.send("ready")
    while len(rt.pools) < count:
        following = catch_up(rt, position)
        if following == position:
            time.sleep(IDLE_SECONDS)
        position = following
    line.send("indexed")


def _bare_per_second(rt: Runtime, count: int) -> float:
    """Insert the rows that the import made, table by table in the same batches, bare."""
    tables = [metadata.tables[name] for name in COPIED]
    with rt.database.read() as connection:
        content = {
            table: [row._asdict() for row in connection.execute(sa.select(table))]
            for table in tables
        }
    with tempfile.TemporaryDirectory(prefix="rfl-bench-") as name:
        other = Database(f"sqlite:///{name}/bare.db")
        migrate.upgrade(other)
        began = time.perf_counter()
        for start in range(0, count, take_list.BATCH):
            with other.write() as connection:
                for table, rows in content.items():
                    if part := rows[start : start + take_list.BATCH]:
                        connection.execute(sa.insert(table), part)
        seconds = time.perf_counter() - began
        other.dispose()
    return count / seconds


@contextmanager
def _null_seal() -> Iterator[None]:
    """Let sealing and opening hand through what they are given."""
    kept = vault.seal, vault.seal_row, vault.open_sealed, vault.open_many
    vault.seal = lambda _key, _spot, content: padded(content)
    vault.seal_row = lambda _table, _record, contents: {
        column: padded(content) for column, _key, content in contents
    }
    vault.open_sealed = lambda _key, _spot, sealed: sealed[4 : 4 + int.from_bytes(sealed[:4])]
    vault.open_many = lambda _table, _column, _records, _keys, sealed: [
        one[4 : 4 + int.from_bytes(one[:4])] for one in sealed
    ]
    try:
        yield
    finally:
        vault.seal, vault.seal_row, vault.open_sealed, vault.open_many = kept
