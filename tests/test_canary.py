"""The canary: names, phones and stories that nobody else has are planted through every surface,
and must turn up in no log line, error, address, log entry, database byte, temporary file or repr.

`tests/surfaces.py` has a function for each surface; a new one is added there.
"""

import base64
import io
import logging
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa
from httpx2 import Response
from pydantic import ValidationError

from rfl import logs
from rfl.api.schemas.registration import Registration
from rfl.api.schemas.request import NewCase
from rfl.background import settle
from rfl.domain.access import Actor, Role
from rfl.domain.purpose import Purpose
from rfl.errors import Forbidden
from rfl.flows import decide, enrol, review, search
from rfl.flows.runtime import Call, Runtime
from tests.api.support import Caller, Desk, done, make_request, open_desk
from tests.needles import ARABIC, LATIN, PLANTED, STORY, forms_of, found_in, found_in_files
from tests.postgres import Server
from tests.surfaces import SURFACES, full_registration, full_request


class Watch:
    """What is collected while the words are planted: log, answers, temporary files."""

    def __init__(self, temporary: Path) -> None:
        self.temporary = temporary
        self.stream = io.StringIO()
        self.records: list[logging.LogRecord] = []
        self.answers: list[Response] = []
        self.opened: list[str] = []

    def see(self, answer: Response) -> None:
        """Keep an answer."""
        self.answers.append(answer)

    def note(self, event: str, arguments: tuple[object, ...]) -> None:
        """Keep the path of a file that is opened in the temporary folder."""
        if event == "open" and str(arguments[0]).startswith(str(self.temporary)):
            self.opened.append(str(arguments[0]))


_watching: list[Watch] = []


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    for watch in _watching:
        watch.note(event, arguments)


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """Log as a node does, at the lowest level, and keep every line, record and answer."""
    found = Watch(tmp_path / "temporary")
    found.temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(found.temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(found.temporary))
    sys.addaudithook(_hook)
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure("debug")
    lines = logging.StreamHandler(found.stream)
    lines.setFormatter(logs.JsonLines())
    root.handlers[:] = [lines, _Keeper(found)]
    _watching.append(found)
    yield found
    _watching.clear()
    root.handlers[:] = before
    root.setLevel(level)


class _Keeper(logging.Handler):
    """Keeps whole records: what another formatter than ours would write."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self._watch = watch

    def emit(self, record: logging.LogRecord) -> None:
        self._watch.records.append(record)


@pytest.fixture
def planted(rt: Runtime, watch: Watch) -> Iterator[Desk]:
    """A node after the words were planted through every surface."""
    with open_desk(rt, body_max_bytes=200_000) as desk:
        desk.client.event_hooks["response"].append(_read_and(watch.see))
        for plant in SURFACES:
            plant(desk)
        settle(desk.rt)
        yield desk


def _read_and(see: Callable[[Response], None]) -> Callable[[Response], None]:
    def hook(answer: Response) -> None:
        answer.read()
        see(answer)

    return hook


def test_planted_words_turn_up_nowhere(
    planted: Desk, watch: Watch, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    _no_log_line(watch)
    _no_error_or_address(watch)
    _no_temporary_file(watch)
    _no_repr(planted)
    _no_row(planted.rt)
    planted.rt.database.dispose()
    assert found_in_files(tmp_path) == []
    if not planted.rt.database.is_sqlite:
        server: Server = request.getfixturevalue("postgres")
        assert found_in_files(server.home) == []


def _no_log_line(watch: Watch) -> None:
    lines = watch.stream.getvalue()
    assert lines.count('"event": "request"') == len(watch.answers)
    assert found_in(lines.encode()) == []
    plain = logging.Formatter("%(name)s %(message)s")
    for record in watch.records:
        if not record.name.startswith(("httpx", "httpcore")):
            content = f"{plain.format(record)} {record.__dict__!r}"
            assert found_in(content.encode()) == [], record.name


def _no_error_or_address(watch: Watch) -> None:
    failed = [answer for answer in watch.answers if answer.status_code >= 400]
    assert len(failed) > 40
    for answer in failed:
        assert found_in(answer.content) == [], answer.text
    for answer in watch.answers:
        assert found_in(repr(answer.headers.raw).encode()) == []


def _no_temporary_file(watch: Watch) -> None:
    assert list(watch.temporary.iterdir()) == []
    assert watch.opened == [], watch.opened


def _no_row(rt: Runtime) -> None:
    with rt.database.read() as connection:
        for table in sa.inspect(connection).get_table_names():
            for row in connection.execute(sa.text(f"SELECT * FROM {table}")):  # noqa: S608
                cells = (bytes(one) if isinstance(one, memoryview) else one for one in row)
                raw = (one if isinstance(one, bytes) else str(one).encode() for one in cells)
                assert found_in(b"\n".join(raw)) == [], table


def _no_repr(desk: Desk) -> None:
    for value in _holders(desk):
        for written in (repr(value), str(value), f"{value}", f"{value!a}", repr([value])):
            assert found_in(written.encode()) == [], type(value)


def _proposed(desk: Desk, call: Call, cases: list[str]) -> tuple[str, list[decide.MatchView]]:
    """A case with proposals that this officer sees: those that are searched are their teams'."""
    for case in cases:
        with suppress(Forbidden):
            if found := decide.list_matches(desk.rt, call, case):
                return case, found
    raise AssertionError("there is no proposal to look at")


def _holders(desk: Desk) -> Iterator[object]:
    """Values of every type that holds planted words, as flows and shapes give them."""
    call = Call(_actor(desk.officer), Purpose.TRACING, repeat=(LATIN, STORY.encode()))
    cases = review.list_cases(desk.rt, call, (-1, ""), 10)
    case, proposals = _proposed(desk, call, [one.id for one in cases if one.state == "open"])
    view = review.read_case(desk.rt, call, case)
    sought = view.request.sought[0].person
    hits = search.search(desk.rt, call, case, sought)
    row = enrol.list_registrations(desk.rt, call, (-1, ""), 1)[0]
    listed = enrol.read_registration(desk.rt, call, row.id)
    assert hits
    assert proposals
    yield from (call, view, view.request, view.request.contact, view.request.separation, sought)
    yield from (*sought.names, *sought.names[0].parts, *sought.kin, *sought.identifiers)
    yield from (sought.birth, sought.birth_place, *sought.journey, *hits, *proposals)
    yield from (proposals[0].sought, proposals[0].other, listed, listed.registration)
    yield from (listed.registration.source, listed.registration.contact)
    yield NewCase.model_validate(full_request())
    yield Registration.model_validate(full_registration())
    with pytest.raises(ValidationError) as caught:
        NewCase.model_validate(make_request(level=LATIN, message=[STORY]))
    yield caught.value


def _actor(caller: Caller) -> Actor:
    me = done(caller.get("/v1/me"))
    return Actor(id=me["account"], role=Role(me["role"]), branch=me["branch"])


@pytest.mark.parametrize("word", PLANTED)
def test_the_search_for_planted_words_finds_every_form(word: str) -> None:
    for form, needle in forms_of(word):
        assert len(needle) >= 8, form
        assert found_in(b"\x00" + needle + b"\xff"), form


def test_the_search_sees_through_base64_at_any_place(tmp_path: Path) -> None:
    for before in ("", "a", "ab", "abc"):
        text = f'{before}"{ARABIC}"'.encode()
        (tmp_path / f"file{len(before)}").write_bytes(b"x" + base64.b64encode(text))
    assert len({line.split(":")[0] for line in found_in_files(tmp_path)}) == 4
