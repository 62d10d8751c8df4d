"""What tests build with: change only what matters."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rfl.crypto.agent import LocalAgent
from rfl.crypto.keyring import FileProvider, make_key_file
from rfl.domain.access import Actor, Role, Verb
from rfl.domain.dates import parse_date
from rfl.domain.ids import PersonId, new_id
from rfl.domain.person import IdentifierKind, Name, Person, Relation, Sex
from rfl.domain.purpose import LegalBasis, Purpose
from rfl.domain.registration import Registration, Reliability, Source, SourceKind, Status
from rfl.domain.request import Sought, TracingRequest
from rfl.errors import Forbidden
from rfl.flows.notice import list_notices
from rfl.flows.rules import Rules
from rfl.flows.runtime import Call, Runtime
from rfl.signin import password
from rfl.storage.database import Database
from rfl.storage.notices import Notice

BRANCH = "gevgelija"
# As the product hashes passwords; tests do with less (`conftest.py`).
SHIPPED_HASHER = password._HASHER


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """Move the clock, by `days=`, `hours=` and the like."""
        self.now += timedelta(**by)


def make_runtime(url: str, folder: Path, clock: Clock) -> Runtime:
    """A node with keys of its own in `folder`, on a database that has its tables."""
    key_file = folder / "master.key"
    if not key_file.exists():
        make_key_file(key_file)
    provider = FileProvider(folder / "keyring.json", key_file=key_file)
    if not provider.exists():
        provider.create()
    kinds = frozenset({IdentifierKind.PHONE, IdentifierKind.EMAIL, IdentifierKind.UNHCR})
    rules = Rules(
        society="north",
        zone=ZoneInfo("Europe/Skopje"),
        identifier_kinds=kinds,
        four_eyes=frozenset(),  # tests of approvals ask for them; others have another subject
    )
    return Runtime(database=Database(url), agent=LocalAgent(provider), rules=rules, clock=clock)


def make_refused(rt: Runtime, call: Call, verb: Verb, *objects: str) -> None:
    """A refusal after these log ids had been read, as the log has it."""
    with suppress(Forbidden), rt.begin(call, verb) as work:
        work.objects = objects
        raise Forbidden


def make_actor(role: Role = Role.TRACING_OFFICER, branch: str = BRANCH) -> Actor:
    """An account's holder, signed in."""
    return Actor(id=new_id("acc"), role=role, branch=branch, session=new_id("tok"))


def make_call(
    role: Role = Role.TRACING_OFFICER,
    purpose: Purpose | None = Purpose.TRACING,
    branch: str = BRANCH,
) -> Call:
    """A call of a fresh account."""
    return Call(make_actor(role, branch), purpose, request=new_id("req"))


OFFICER = make_call()
SUPERVISOR = make_call(Role.SUPERVISOR, Purpose.DATA_SUBJECT_REQUEST)
DPO = make_call(Role.DATA_PROTECTION_OFFICER, Purpose.DATA_SUBJECT_REQUEST)


def noticed(rt: Runtime, call: Call) -> list[Notice]:
    """What the branch of the caller is shown of proposals that it has not looked at."""
    return list_notices(rt, call, None, ((-1, ""), 50)).shown


def make_person(*names: str, **fields: Any) -> Person:
    """A person of these names; `birth` may be text."""
    if isinstance(fields.get("birth"), str):
        fields["birth"] = parse_date(fields["birth"])
    given = names or ("Zahra Hosseini",)
    return Person(id=PersonId(new_id("per")), names=tuple(Name(text) for text in given), **fields)


def make_request(enquirer: Person | None = None, *sought: Person, **fields: Any) -> TracingRequest:
    """A son who looks for his mother, unless told otherwise."""
    wanted = sought or (make_person("Maryam Hosseini", sex=Sex.FEMALE, birth="1961"),)
    return TracingRequest(
        enquirer=enquirer or make_person("Ali Hosseini", sex=Sex.MALE, birth="1990-04-12"),
        sought=tuple(Sought(person, Relation.MOTHER) for person in wanted),
        legal_basis=LegalBasis.PUBLIC_INTEREST,
        **fields,
    )


def make_registration(
    person: Person | None = None, *, record_id: str | None = None, **fields: Any
) -> Registration:
    """A woman in a camp's list, unless told otherwise."""
    source = Source(
        kind=SourceKind.CAMP,
        owner="Vinojug transit camp",
        record_id=record_id,
        reliability=Reliability.STATED,
        stated_on=date(2026, 2, 1),
    )
    made = Registration(
        person=person or make_person("مريم حسيني", sex=Sex.FEMALE, birth="1961"),
        source=source,
        status=Status.REGISTERED,
        legal_basis=LegalBasis.VITAL_INTEREST,
    )
    return replace(made, **fields)
