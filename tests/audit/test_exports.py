"""Exports of the log: FHIR in the profiles of IHE BALP, CSV, OCSF; to whom, until when."""

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from fhir.resources.R4B.auditevent import AuditEvent

from rfl.audit import csvlines, fhir, ocsf
from rfl.audit.records import Kind, Record, kind_of
from rfl.domain.access import Role, Verb
from rfl.domain.entry import Decision, Entry
from rfl.domain.purpose import Purpose
from rfl.errors import Forbidden, InvalidInput
from rfl.flows.runtime import Call, Runtime
from rfl.flows.send_log import Form, Wish, list_shares, send_log
from rfl.flows.sequence import sequence_waiting, sign_checkpoint
from rfl.storage import ledger
from tests.api.support import Desk, done, entries, nothing_stored, open_desk, refused
from tests.audit.logs import add_entries
from tests.support import OFFICER, make_call

ORIGIN = "rfl/north"
UNTIL = date(2026, 12, 31)
AUDITOR = make_call(Role.AUDITOR, Purpose.AUDIT)


def make_entry(**changes: Any) -> Entry:
    given: dict[str, Any] = {
        "at": "2026-03-01T09:00:00.123456Z",
        "actor": "acc_1",
        "role": "tracing_officer",
        "session": "tok_1",
        "client": "http",
        "action": "case.read",
        "purpose": "tracing",
        "objects": ("log_1", "log_2"),
        "count": 2,
        "groups": ("identity", "contact"),
        "policy": "foundation-1",
        "request": "req_1",
    }
    return Entry(**(given | changes))


def make_record(leaf: int = 7, **changes: Any) -> Record:
    entry = make_entry(**changes)
    return Record(leaf, entry, entry.to_bytes())


EVERY_ACTION = [*Verb, "message.forward"]
SHAPES = [
    {},
    {"objects": (), "groups": (), "count": 0},
    {"session": None, "purpose": None, "request": None},
    {"decision": Decision.DENIED, "reason": "forbidden"},
    {"peer": "south", "reason": "fhir"},
]


@pytest.mark.parametrize("action", EVERY_ACTION)
def test_every_entry_is_an_audit_event_of_fhir_r4(action: str) -> None:
    for shape in SHAPES:
        made = fhir.line(make_record(action=action, **shape), ORIGIN)
        event = AuditEvent.model_validate_json(made)
        assert event.type.code == "rest"
        assert made.endswith(b"\n")
        assert made.count(b"\n") == 1


DICOM = "http://dicom.nema.org/resources/ontology/DCM"
CUSTODIAN = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
Role_ = tuple[str, str]
# BALP 1.1.3: profile, interaction, action, client, server, role of the one data or query entity.
BALP: list[tuple[str, str, str, str, Role_, Role_, str]] = [
    ("case.open", "Create", "create", "C", (DICOM, "110153"), (DICOM, "110152"), "4"),
    ("case.read", "Read", "read", "R", (DICOM, "110152"), (DICOM, "110153"), "4"),
    ("case.change", "Update", "update", "U", (DICOM, "110153"), (DICOM, "110152"), "4"),
    ("case.erase", "Delete", "delete", "D", (DICOM, "110150"), (CUSTODIAN, "custodian"), "4"),
    ("search", "Query", "search", "E", (DICOM, "110153"), (DICOM, "110152"), "24"),
]


@pytest.mark.parametrize("row", BALP, ids=lambda row: row[1])
def test_what_a_profile_of_balp_asks_for_is_there(
    row: tuple[str, str, str, str, Role_, Role_, str],
) -> None:
    action, name, interaction, code, client, server, role = row
    for shape in SHAPES[:3]:
        made = fhir.resource(make_record(action=action, **shape), ORIGIN)
        profile = f"https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.{name}"
        assert made["meta"] == {"profile": [profile]}
        assert made["type"] == coding("audit-event-type", "rest")
        subtypes: Any = made["subtype"]
        wanted = {"system": "http://hl7.org/fhir/restful-interaction", "code": interaction}
        assert subtypes.count(wanted) == 1
        assert (made["action"], made["outcome"]) == (code, "0")
        check_agents(made, client, server)
        check_entities(made, role)
        source: Any = made["source"]
        assert source["observer"]["identifier"]["value"] == ORIGIN


def coding(system: str, code: str) -> dict[str, str]:
    return {"system": f"http://terminology.hl7.org/CodeSystem/{system}", "code": code}


def check_agents(made: Any, client: Role_, server: Role_) -> None:
    """One client and one server, each with who and network and no media; the user requests."""
    assert len(made["agent"]) >= 2
    for role in (client, server):
        (found,) = [
            one
            for one in made["agent"]
            if (one["type"]["coding"][0]["system"], one["type"]["coding"][0]["code"]) == role
        ]
        assert found["who"]["identifier"]["value"]
        assert found["network"]["address"]
        assert found["network"]["type"] == "5"
        assert "media" not in found
    (user,) = [one for one in made["agent"] if one["requestor"]]
    assert user["who"]["identifier"]["value"] == "acc_1"


def check_entities(made: Any, role: str) -> None:
    """Exactly one entity is the data or the query; a request's id is one transaction."""
    of_data = [one for one in made["entity"] if one["type"] == coding("audit-entity-type", "2")]
    (found,) = of_data
    assert found["role"] == coding("object-role", role)
    assert found["query"] if role == "24" else found["what"]["identifier"]["value"]
    requests = [one for one in made["entity"] if one["type"]["code"] == "XrequestId"]
    assert len(requests) <= 1


def test_a_refusal_and_what_is_no_data_access_claim_no_profile() -> None:
    denied = fhir.resource(make_record(decision=Decision.DENIED, reason="forbidden"), ORIGIN)
    assert "meta" not in denied
    assert (denied["outcome"], denied["outcomeDesc"]) == ("8", "forbidden")
    assert "meta" not in fhir.resource(make_record(action="sign_in"), ORIGIN)


def test_a_recipient_is_an_agent_of_the_audit_event() -> None:
    made: Any = fhir.resource(make_record(peer="south", action="log.send"), ORIGIN)
    assert made["agent"][-1]["who"]["identifier"] == {"system": "urn:rfl:peer", "value": "south"}


KINDS = [
    ("intake.open", Kind.CREATE),
    ("list.import", Kind.CREATE),
    ("match.compare", Kind.READ),
    ("keys.rotate", Kind.UPDATE),
    ("list.take_back", Kind.DELETE),
    ("registration.list", Kind.SEARCH),
    ("sign_in", Kind.OTHER),
    ("not.known", Kind.OTHER),
]


@pytest.mark.parametrize(("action", "kind"), KINDS)
def test_an_action_is_sorted_by_its_last_word(action: str, kind: Kind) -> None:
    assert kind_of(action) is kind


# What OCSF 1.3.0 requires of API Activity (6003), with the objects' own required attributes.
OCSF_REQUIRED: list[tuple[str, type]] = [
    ("activity_id", int),
    ("category_uid", int),
    ("class_uid", int),
    ("metadata", dict),
    ("metadata.product", dict),
    ("metadata.version", str),
    ("severity_id", int),
    ("time", int),
    ("type_uid", int),
    ("actor", dict),
    ("actor.user.uid", str),
    ("api", dict),
    ("api.operation", str),
    ("src_endpoint", dict),
    ("src_endpoint.name", str),
]


@pytest.mark.parametrize("action", EVERY_ACTION)
def test_an_ocsf_event_has_what_its_class_requires(action: str) -> None:
    for shape in SHAPES:
        event = json.loads(ocsf.line(make_record(action=action, **shape), ORIGIN))
        for path, kind in OCSF_REQUIRED:
            value: Any = event
            for name in path.split("."):
                value = value[name]
            assert isinstance(value, kind), path
        assert (event["category_uid"], event["class_uid"]) == (6, 6003)
        assert event["type_uid"] == 600_300 + event["activity_id"]
        assert event["time"] == 1_772_355_600_123
        assert event["metadata"]["sequence"] == 7
        assert event["status_id"] == (2 if "decision" in shape else 1)
        assert ("activity_name" in event) == (event["activity_id"] == 99)


DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0"]


@pytest.mark.parametrize("value", DANGEROUS)
def test_no_cell_is_a_formula_for_a_spreadsheet(value: str) -> None:
    content = csvlines.line(make_record(client=value, reason=value)).decode()
    (row,) = csv.reader(io.StringIO(content, newline=""))
    cells = dict(zip(["leaf", *csvlines.COLUMNS], row, strict=True))
    assert cells["client"] == cells["reason"] == f"'{value}"
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_a_csv_row_says_what_the_entry_says() -> None:
    content = csvlines.head() + csvlines.line(make_record(purpose='a "b", c'))
    assert content.endswith(b"\r\n")
    (row,) = csv.DictReader(io.StringIO(content.decode(), newline=""))
    assert (row["leaf"], row["action"], row["objects"]) == ("7", "case.read", "log_1 log_2")
    assert (row["purpose"], row["peer"], row["count"]) == ('a "b", c', "", "2")
    assert "salt" not in row


def leaf_of_fhir(line: bytes) -> int:
    return int(json.loads(line)["extension"][0]["valueIdentifier"]["value"])


def leaf_of_ocsf(line: bytes) -> int:
    return int(json.loads(line)["metadata"]["sequence"])


def leaf_of_csv(line: bytes) -> int:
    return int(line.split(b",")[0])


LEAVES: dict[Form, Callable[[bytes], int]] = {
    Form.FHIR: leaf_of_fhir,
    Form.OCSF: leaf_of_ocsf,
    Form.CSV: leaf_of_csv,
}


def leaves(form: Form, lines: list[bytes]) -> list[int]:
    return [LEAVES[form](line) for line in lines if not line.startswith(b"leaf,")]


@pytest.mark.parametrize("form", list(Form))
def test_an_export_is_resumed_by_the_leaf_and_says_what_it_repeats(rt: Runtime, form: Form) -> None:
    add_entries(rt, 520)
    first = send_log(rt, AUDITOR, Wish(form, "auditor-1", UNTIL))
    assert leaves(form, list(first.lines)) == list(range(520))
    assert (first.begin, first.end, first.repeated) == (0, 520, 0)
    add_entries(rt, 2)
    second = send_log(rt, AUDITOR, Wish(form, "auditor-1", UNTIL, first.end))
    # The first export's own entry is the first of the second one.
    assert leaves(form, list(second.lines)) == [520, 521, 522]
    assert second.repeated == 0
    third = send_log(rt, AUDITOR, Wish(form, "auditor-1", UNTIL, 500))
    assert third.repeated == 23
    assert send_log(rt, AUDITOR, Wish(form, "auditor-2", UNTIL, 500)).repeated == 0


def test_filler_is_in_no_export(sqlite_rt: Runtime) -> None:
    add_entries(sqlite_rt, 3)
    sequence_waiting(sqlite_rt)
    sign_checkpoint(sqlite_rt, padded=True)
    add_entries(sqlite_rt, 1)
    lines = list(send_log(sqlite_rt, AUDITOR, Wish(Form.OCSF, "auditor-1", UNTIL)).lines)
    assert leaves(Form.OCSF, lines) == [0, 1, 2, 1_024]


def test_an_export_is_an_entry_and_a_row_before_its_first_byte(rt: Runtime) -> None:
    add_entries(rt, 3)
    sending = send_log(rt, AUDITOR, Wish(Form.FHIR, "auditor-1", UNTIL))
    last = entries(rt)[-1]
    assert (last["action"], last["peer"], last["reason"]) == ("log.send", "auditor-1", "fhir")
    assert last["count"] == 3
    (share,) = list_shares(rt, AUDITOR)
    assert (share.recipient, share.begin, share.end, share.form) == ("auditor-1", 0, 3, "fhir")
    assert share.actor == AUDITOR.actor.id
    assert len(list(sending.lines)) == 3
    assert entries(rt)[-1]["action"] == "log.read"


BAD: list[tuple[dict[str, Any], str]] = [
    ({"recipient": "Elena Petrova"}, "recipient"),
    ({"recipient": ""}, "recipient"),
    ({"until": date(2026, 2, 28)}, "until"),
    ({"begin": -1}, "from"),
]


@pytest.mark.parametrize(("changes", "field"), BAD)
def test_a_bad_recipient_end_date_or_leaf_is_refused(
    sqlite_rt: Runtime, changes: dict[str, Any], field: str
) -> None:
    given: dict[str, Any] = {"form": Form.CSV, "recipient": "auditor-1", "until": UNTIL}
    with nothing_stored(sqlite_rt), pytest.raises(InvalidInput) as raised:
        send_log(sqlite_rt, AUDITOR, Wish(**(given | changes)))
    assert raised.value.field == field
    assert list_shares(sqlite_rt, AUDITOR) == []


@pytest.mark.parametrize("call", [OFFICER, Call(AUDITOR.actor, Purpose.TRACING)])
def test_only_an_auditor_for_audit_may_export(rt: Runtime, call: Call) -> None:
    with pytest.raises(Forbidden):
        send_log(rt, call, Wish(Form.CSV, "auditor-1", UNTIL))
    assert list_shares(rt, AUDITOR) == []


@pytest.fixture
def desk(sqlite_rt: Runtime) -> Any:
    with open_desk(sqlite_rt) as opened:
        yield opened


def test_an_auditor_downloads_over_http_and_sees_who_received_what(desk: Desk) -> None:
    desk.officer.open_case()
    auditor = desk.auditor()
    body = {"form": "fhir", "recipient": "auditor-1", "until": "2026-12-31"}
    answer = auditor.post("/v1/log-exports", body)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/fhir+ndjson")
    lines = answer.content.splitlines()
    assert [leaf_of_fhir(line) for line in lines] == list(range(len(lines)))
    assert answer.headers["rfl-log-next"] == str(len(lines))
    assert answer.headers["rfl-log-repeated"] == "0"
    (item,) = done(auditor.get("/v1/log-exports"))["items"]
    assert (item["recipient"], item["until"]) == ("auditor-1", "2026-12-31")
    assert (item["begin"], item["end"]) == (0, len(lines))
    refused(desk.officer.post("/v1/log-exports", body), 403, None, "")
    bad = auditor.post("/v1/log-exports", body | {"recipient": "Elena Petrova"})
    assert "Elena" not in refused(bad, 422, "recipient", "must be of the form")["detail"]


def test_expired_bodies_are_left_out_of_an_export(sqlite_rt: Runtime) -> None:
    add_entries(sqlite_rt, 5)
    sequence_waiting(sqlite_rt)
    with sqlite_rt.database.write() as connection:
        connection.execute(ledger.ledger_objects.delete().where(ledger.ledger_objects.c.seq < 4))
        connection.execute(ledger.ledger.delete().where(ledger.ledger.c.seq < 4))
    lines = list(send_log(sqlite_rt, AUDITOR, Wish(Form.OCSF, "auditor-1", UNTIL)).lines)
    assert leaves(Form.OCSF, lines) == [3, 4]
