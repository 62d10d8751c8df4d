"""Bulk import: sealed, indexed and logged, beside bare inserts and beside a null seal.

The import runs as `rfl import` does, beside a node in a process of its own that follows the feed;
the clock stops when both are done. `one_process` does one after the other. `bare` inserts the very
same rows with SQLAlchemy Core; `null_seal` is `one_process` with a sealing that returns what it was
given.
"""

import io
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from benchmarks import people
from benchmarks.report import Report, peak_mb
from rfl.background import IDLE_SECONDS
from rfl.crypto.agent import LocalAgent
from rfl.crypto.framing import padded
from rfl.crypto.keyring import FileProvider, make_key_file
from rfl.domain.access import Actor, Role
from rfl.domain.person import IdentifierKind
from rfl.domain.purpose import LegalBasis, Purpose
from rfl.domain.registration import Reliability, Sharing, SourceKind
from rfl.flows import offer_list, take_list
from rfl.flows.follow import catch_up, load_pools
from rfl.flows.runtime import Call, Rules, Runtime
from rfl.interchange.csvlist import read_csv
from rfl.interchange.pfif import read_pfif
from rfl.interchange.rows import Listing, ListTerms
from rfl.interchange.xlsxlist import read_xlsx
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
    readers: dict[str, tuple[bytes, Callable[[io.BytesIO], Listing]]] = {
        "csv": (people.as_csv(rows), lambda file: read_csv(file, TERMS, None, TODAY)),
        "pfif": (people.as_pfif(rows), lambda file: read_pfif(file, TERMS, TODAY)),
        "xlsx": (people.as_xlsx(rows), lambda file: read_xlsx(file, TERMS, None, TODAY)),
    }
    for name, least in (("csv", 5_000), ("pfif", 5_000), ("xlsx", 2_000)):
        content, read = readers[name]
        with node() as rt:
            seconds = _import(rt, read(io.BytesIO(content)), count)
            report.put(f"{name}_per_second", count / seconds, least=least)
            if name == "csv":
                ours, bare = count / seconds, _bare_per_second(rt, count)
    with node() as rt, _null_seal():
        null = count / _import_alone(rt, readers["csv"][1](io.BytesIO(readers["csv"][0])), count)
    with node() as rt:
        alone = count / _import_alone(rt, readers["csv"][1](io.BytesIO(readers["csv"][0])), count)
    report.put("one_process_per_second", alone)
    report.put("bare_per_second", bare)
    report.put("null_seal_per_second", null)
    report.put("ratio_to_bare", ours / bare, least=0.10)
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
    rules = Rules("bench", ZoneInfo("UTC"), frozenset({IdentifierKind.PHONE}))
    database = Database(f"sqlite:///{folder / 'rfl.db'}")
    return Runtime(database, LocalAgent(provider), rules, lambda: datetime.now(UTC))


def _import(rt: Runtime, listing: Listing, count: int) -> float:
    list_id = offer_list.open_list(rt, OFFICER, TERMS)
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    folder = str(rt.database.path.parent)
    beside = context.Process(target=follow, args=(folder, count, there), daemon=True)
    beside.start()
    here.recv()
    began = time.perf_counter()
    taken = take_list.take_list(rt, OFFICER, list_id, listing)
    here.recv()
    seconds = time.perf_counter() - began
    beside.join()
    if taken.added != count:
        raise RuntimeError("the import is not whole")
    return seconds


def _import_alone(rt: Runtime, listing: Listing, count: int) -> float:
    """Import and index one after the other in this process."""
    list_id = offer_list.open_list(rt, OFFICER, TERMS)
    position = load_pools(rt)
    began = time.perf_counter()
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
    kept = vault.seal, vault.open_sealed
    vault.seal = lambda _key, _spot, content: padded(content)
    vault.open_sealed = lambda _key, _spot, sealed: sealed[4 : 4 + int.from_bytes(sealed[:4])]
    try:
        yield
    finally:
        vault.seal, vault.open_sealed = kept
