"""Witnesses, alarms and the node's condition by HTTP."""

from dataclasses import replace
from pathlib import Path

from rfl.flows.sequence import sequence_waiting, sign_checkpoint
from rfl.flows.witness_log import note_silence
from tests.api.support import Desk, done, refused
from tests.audit.societies import befriend, grow, make_society, witnessed
from tests.support import Clock


def test_a_society_sees_on_one_page_who_has_witnessed_it(
    desk: Desk, sqlite_template: Path, tmp_path: Path, clock: Clock
) -> None:
    south = make_society("south", sqlite_template, tmp_path, clock)
    desk.rt.rules = replace(desk.rt.rules, society="north")
    befriend(desk.rt, south)
    grow(desk.rt)
    witnessed(desk.rt, south)
    page = done(desk.auditor().get("/v1/log/witnesses"))
    at = "2026-03-01T09:00:00.000000Z"
    agrees = {"peer": "south", "size": 1024, "cosigned_at": at, "state": "agrees"}
    assert page["witnesses"] == [agrees]
    assert page["watched"] == page["evidence"] == []
    assert page["log_key"].startswith("rfl/north+")
    refused(desk.officer.get("/v1/log/witnesses"), 403, None, "does not allow")


def test_an_alarm_is_seen_by_those_who_watch_over_the_node(
    desk: Desk, sqlite_template: Path, tmp_path: Path, clock: Clock
) -> None:
    south = make_society("south", sqlite_template, tmp_path, clock)
    befriend(desk.rt, south)
    clock.move(hours=1)
    note_silence(desk.rt)
    administrator = desk.administrator()
    assert done(administrator.get("/v1/health"))["open_alarms"] == 1
    assert done(desk.client.get("/health/ready")) == {"status": "ready"}
    [alarm] = done(administrator.get("/v1/alarms"))["items"]
    assert (alarm["code"], alarm["subject"], alarm["count"]) == ("witness-silent", "south", 1)
    assert administrator.post(f"/v1/alarms/{alarm['id']}/seen").status_code == 204
    assert done(administrator.get("/v1/health"))["open_alarms"] == 0
    [seen] = done(administrator.get("/v1/alarms"))["items"]
    assert (seen["state"], seen["seen_by"]) == ("seen", administrator.account)
    refused(desk.officer.get("/v1/health"), 403, None, "does not allow")


def test_the_condition_tells_when_the_log_was_signed(desk: Desk) -> None:
    administrator = desk.administrator()
    administrator.get("/v1/health")  # An entry, so that there is something to sign.
    sequence_waiting(desk.rt)
    sign_checkpoint(desk.rt)
    condition = done(administrator.get("/v1/health"))
    assert condition["signed_at"] == "2026-03-01T09:00:00.000000Z"
    assert condition["witnessed_at"] is None
