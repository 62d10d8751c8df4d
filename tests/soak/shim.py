"""What a process of the soak runs in: its clock, its disk, and the fault that may be seeded.

The node's code runs as it is. A file that the harness writes says what time the machine has and
whether its disk is full. Processes are forked from a server that has imported everything once.
"""

import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from psycopg.errors import DiskFull
from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import Pool

from rfl import wiring
from rfl.cli import main
from rfl.domain.access import Verb
from rfl.domain.purpose import Purpose
from rfl.errors import StorageBusy, StorageFailed, StorageFull
from rfl.exchange import settling
from rfl.exchange.attachments import attach
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.obedience import reception_of
from rfl.exchange.post import post
from rfl.exchange.reception import Reception
from rfl.flows import receive
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime, network_of
from rfl.storage import ledger, outbox
from rfl.storage.work import Work

ANSWER_BEFORE_COMMIT = "answer-before-commit"
FORGETS_RESULTS = "forgets-results"
DEATHS = 2
BODY = LetterType.CASE_REMINDER
"""The type of the letters that are written: case streams carry them, and they do nothing."""

CASES = 64
_PILE = 16
_TAKEN = ("RFL_", "SOAK_FATE")
_FREE_PAGES = 1_073_741_823


class Weather:
    """What the harness says of the machine, read again whenever its file changes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = -1
        self._said: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        stamp = self._path.stat().st_mtime_ns
        if stamp != self._stamp:
            self._said, self._stamp = json.loads(self._path.read_text()), stamp
        return self._said.get(name, 0)


def say(path: Path, **weather: object) -> None:
    """Say what the machine is like from now on."""
    new = path.with_suffix(".new")
    new.write_text(json.dumps(weather))
    new.replace(path)


def run(settings: dict[str, str], weather: Path, log: Path, words: list[str]) -> None:
    """Run a command of `rfl` as this whole process."""
    prepare(settings, weather, log)
    if settings.get("SOAK_FAULT") == ANSWER_BEFORE_COMMIT:
        _answer_before_commit(log.with_suffix(".died"))
    sys.argv = ["rfl", *words]
    main.main()


def write(settings: dict[str, str], weather: Path, log: Path, to: str, text: str) -> None:
    """Write letters to a peer until there are as many as the weather asks for; die by a signal.

    A letter and what it tells of are one transaction. Its number is that of letters there are. The
    weather's `hands` are how many officers write at once, each letter by letter.
    """
    prepare(settings, weather, log)
    said, rt = Weather(weather), wiring.runtime(wiring.settings())
    written = -1
    hands = ThreadPoolExecutor(said["hands"] or 1, "clerk")
    with log.with_suffix(".written").open("a") as journal:
        while True:
            try:
                if said["letters"] > written:
                    written = max(_written(rt, to), written)
                while said["letters"] > written:
                    time.sleep(said["pace"])
                    some = min(said["letters"] - written, _PILE * said["hands"] or 1)
                    for one in hands.map(lambda _one: write_one(rt, to, text), range(some)):
                        journal.write(one + "\n")
                        journal.flush()
                        written += 1
                time.sleep(0.02)
            except (StorageBusy, StorageFull, StorageFailed):
                written = -1
                time.sleep(0.1)


def _written(rt: Runtime, to: str) -> int:
    with rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        return sum(count for (peer, _state), count in outbox.counts(work).items() if peer == to)


def write_one(rt: Runtime, to: str, text: str) -> str:
    """Write a letter in the transaction of what it tells of; return the envelope's id.

    `text` may be a number of bytes to attach: a ping, which its recipient opens whole.
    """
    size = int(text) if text.isdecimal() else 0
    letter = Letter(
        type=LetterType.PING if size else BODY,
        purpose=Purpose.TRACING,
        case_ref=f"ref-{os.urandom(1)[0] % CASES}",
        data={} if size else {"text": text},
    )
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        if size:
            noise = [os.urandom(size)]
            named = attach(work, network_of(rt), to, noise, size, "application/octet-stream")
            letter = replace(letter, attachments=(named,))
        envelope = post(work, network_of(rt), to, letter)
        ledger.append(work, count=1)
    return envelope.header.id


def prepare(settings: dict[str, str], weather: Path, log: Path) -> None:
    """Let this process have the node's settings, its machine's weather, and a file to write to."""
    for name in [name for name in os.environ if name.startswith("RFL_")]:
        del os.environ[name]
    os.environ.update({name: one for name, one in settings.items() if name.startswith(_TAKEN)})
    sink = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(sink, 1)
    os.dup2(sink, 2)
    said = Weather(weather)
    wiring._utc_now = lambda: datetime.now(UTC) + timedelta(seconds=said["clock"])
    event.listen(Pool, "checkout", lambda raw, record, _proxy: _limit_pages(raw, record, said))
    event.listen(Engine, "before_cursor_execute", lambda *call: _refuse_rows(*call[:3], said))
    deaf = {LetterType.CASE_RESULT} if settings.get("SOAK_FAULT") == FORGETS_RESULTS else set()
    receive.reception_of = partial(_with_bodies, deaf)  # type: ignore[attr-defined]
    _die_around_commits(said)
    if "SOAK_FIRST_RETRY" in settings:
        settling.FIRST_RETRY = float(settings["SOAK_FIRST_RETRY"])  # type: ignore[misc]


def _with_bodies(deaf: set[LetterType], *given: Any) -> Reception:
    """The node's own effects, but for types that it is deaf to, and the letters of the soak."""
    ready = reception_of(*given)
    return replace(ready, effects={**ready.effects, **dict.fromkeys({*deaf, BODY}, _nothing)})


def _nothing(_work: Work, _peer: str, _letter: Letter) -> None:
    """A letter of the soak; that it was taken stands in the log."""


def _limit_pages(raw: Any, record: Any, said: Weather) -> None:
    """SQLite: a full disk is a database that may not grow by a page."""
    if type(raw).__module__ == "sqlite3" and record.info.get("full") != said["full"]:
        record.info["full"] = said["full"]
        raw.execute(f"PRAGMA max_page_count={1 if said['full'] else _FREE_PAGES}")


def _refuse_rows(connection: Connection, _cursor: Any, statement: str, said: Weather) -> None:
    """PostgreSQL: a full disk refuses new rows, as the server would."""
    if connection.dialect.name == "postgresql" and "INSERT" in statement and said["full"]:
        raise OperationalError("INSERT", {}, DiskFull())


def _die_around_commits(said: Weather) -> None:
    """Let this process be killed before or after the commit of a step between societies, by lot.

    Before it nothing of the step has happened; after it nobody has heard of it yet.
    """
    begin = Runtime.begin

    @contextmanager
    def mortal(self: Runtime, call: Call, verb: Verb, **rest: Any) -> Iterator[Work]:
        with begin(self, call, verb, **rest) as work:
            yield work
            if verb in _BETWEEN_SOCIETIES:
                _perish(said["mortality"])
        if verb in _BETWEEN_SOCIETIES:
            _perish(said["mortality"])

    Runtime.begin = mortal  # type: ignore[method-assign]


_BETWEEN_SOCIETIES = {
    Verb.EXCHANGE_RECEIVE,
    Verb.EXCHANGE_SEND,
    Verb.PEER_TELL,
    Verb.RECEIVED_WORK,
    Verb.TRANSMIT,
}


def _perish(odds: float) -> None:
    if random.random() < odds / 2:
        os.kill(os.getpid(), signal.SIGKILL)


def _answer_before_commit(died: Path) -> None:
    """Let receptions answer before they commit; let the process die in between, a few times.

    Once would not do: the line may have lost just that answer, and then nothing was promised.
    """
    begin = Runtime.begin

    @contextmanager
    def early(self: Runtime, call: Call, verb: Verb, **rest: Any) -> Iterator[Work]:
        transaction = begin(self, call, verb, **rest)
        if verb is not Verb.EXCHANGE_RECEIVE:
            with transaction as work:
                yield work
            return
        work = transaction.__enter__()
        try:
            yield work
        except BaseException:
            transaction.__exit__(*sys.exc_info())
            raise
        promised = any(entry.objects for entry in work.pending)
        asked = (transaction, died if promised else None)
        threading.Thread(target=_commit_late, args=asked).start()

    Runtime.begin = early  # type: ignore[method-assign]


def _commit_late(transaction: Any, died: Path | None) -> None:
    time.sleep(0.1)
    times = died.stat().st_size if died is not None and died.exists() else 0
    if died is not None and times < DEATHS:
        died.write_bytes(bytes(times + 1))
        os.kill(os.getpid(), signal.SIGKILL)
    transaction.__exit__(None, None, None)
