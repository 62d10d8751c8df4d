"""Flows about the log itself for test_completeness: questions, findings, exports, expiry."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from rfl.audit.unusual import Limits
from rfl.domain.access import Role
from rfl.domain.breach import Asked
from rfl.domain.casefile import Ending
from rfl.domain.finding import FindingState
from rfl.domain.purpose import Purpose
from rfl.domain.question import Question
from rfl.domain.request import Level
from rfl.flows import (
    ask_log,
    close,
    enrol,
    expire_log,
    export_log,
    give_family_names,
    hash_again,
    judge_findings,
    keep_cases,
    list_breach,
    list_disclosures,
    lock_down,
    notice,
    plant,
    propose,
    register,
    rematch,
    review,
    review_reading,
    send_log,
    sequence,
    state_for_subject,
    stream_log,
    tidy,
    trace_reading,
)
from rfl.flows.ask_log import About
from rfl.flows.erase import erase_case
from rfl.flows.export_log import Part
from rfl.flows.register import open_case
from rfl.flows.rules import Collector as Address
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.flows.send_log import Form, Wish
from tests.audit import collector
from tests.audit.collector import HOST, make_certificate
from tests.audit.exported import AUDIT_CALL
from tests.office import make_account
from tests.support import DPO, OFFICER, SUPERVISOR, make_call, make_registration, make_request

Steps = Iterator[tuple[str, Callable[[], object]]]
DPO_OFFICE = make_call(Role.DATA_PROTECTION_OFFICER, Purpose.ADMINISTRATION)
AUDITOR = make_call(Role.AUDITOR, Purpose.AUDIT)


def log_steps(rt: Runtime, folder: Path) -> Steps:
    """Every flow that reads the log or lets it leave, with real input."""
    registration = enrol.add_registration(rt, OFFICER, make_registration())
    about = About(object=registration)

    yield "ask_log.ask_log", lambda: ask_log.ask_log(rt, DPO, Question(), about)
    yield "lock_down.begin_lockdown", lambda: lock_down.begin_lockdown(rt, DPO_OFFICE)
    # The two words are two entries.
    lock_down.lift_lockdown(rt, make_call(Role.ADMINISTRATOR, Purpose.ADMINISTRATION))
    yield "lock_down.lift_lockdown", lambda: lock_down.lift_lockdown(rt, DPO_OFFICE)
    planted = open_case(rt, OFFICER, make_request(level=Level.NAMED_PERSONS_ONLY), None).id
    yield "plant.plant_honey", lambda: plant.plant_honey(rt, OFFICE_CALL, planted)
    yield "plant.list_honey", lambda: plant.list_honey(rt, OFFICE_CALL)
    erase_case(rt, SUPERVISOR, planted, "entered_in_error")
    yield "plant.remove_honey", lambda: plant.remove_honey(rt, OFFICE_CALL, planted)
    yield "trace_reading.trace_reading", lambda: trace_reading.trace_reading(rt, DPO, registration)
    yield (
        "state_for_subject.state_for_subject",
        lambda: state_for_subject.state_for_subject(
            rt, DPO, registration, None, identity_checked=True
        ),
    )
    yield (
        "list_disclosures.list_disclosures",
        lambda: list_disclosures.list_disclosures(rt, AUDITOR),
    )
    yield "export_log.export_part", lambda: _export_part(rt)
    yield "send_log.send_log", lambda: _send(rt)
    yield "send_log.list_shares", lambda: send_log.list_shares(rt, AUDITOR)
    yield "stream_log.stream_batch", lambda: _stream(rt, folder / "collector")
    yield "list_breach.list_breach", lambda: _breach(rt, folder)
    yield from _findings(rt)


def expiry_steps(rt: Runtime) -> Steps:
    """The end of the bodies; only what comes after them is left."""
    yield "expire_log.expire", lambda: _expire(rt)


def matching_steps(rt: Runtime, match_of: Callable[[], str]) -> Steps:
    """What a branch is told of proposals, and the comparing of everybody anew."""
    yield "notice.list_notices", lambda: notice.list_notices(rt, OFFICER, None, ((-1, ""), 5))
    yield "notice.clear_notice", lambda: notice.clear_notice(rt, OFFICER, match_of())
    yield "rematch.begin_rematch", lambda: rematch.begin_rematch(rt, again=True)
    yield "propose.rematch_some", lambda: propose.rematch_some(rt, "holder")


def _findings(rt: Runtime) -> Steps:
    """An officer reads a colleague's cases, among them of their own family; it is found."""
    reader = make_account(rt)
    office = replace(reader, purpose=Purpose.ADMINISTRATION)
    quick = Limits(unassigned_least=2)
    found: list[str] = []

    def review_yesterday() -> None:
        for _ in range(3):
            review.read_case(rt, reader, register.open_case(rt, OFFICER, make_request(), None).id)
        rt.clock.move(days=1)  # type: ignore[attr-defined]
        assert review_reading.review_reading(rt, AUDITOR, limits=quick, family_names=True).new

    def list_findings() -> None:
        listed = judge_findings.list_findings(rt, AUDITOR, (-1, ""), 5)
        found.append(listed[0].id)

    yield (
        "give_family_names.give_family_names",
        lambda: give_family_names.give_family_names(rt, office, ["Hosseini"]),
    )
    yield "review_reading.review_reading", review_yesterday
    yield "judge_findings.list_findings", list_findings
    yield (
        "judge_findings.read_finding",
        lambda: judge_findings.read_finding(rt, AUDITOR, found[0]),
    )
    yield (
        "judge_findings.judge_finding",
        lambda: judge_findings.judge_finding(
            rt, AUDITOR, found[0], 1, FindingState.EXPLAINED, "Holiday cover."
        ),
    )
    yield "tidy.end_findings", lambda: _end_findings(rt)
    yield "hash_again.hash_again", lambda: hash_again.hash_again(rt)
    yield "keep_cases.reckon_cases", lambda: _reckon(rt)
    yield "keep_cases.end_cases", lambda: _end_cases(rt)
    yield "keep_cases.keep_cases", lambda: _keep_cases(rt)


def _breach(rt: Runtime, folder: Path) -> None:
    now = rt.clock()
    asked = Asked(now - timedelta(days=1), now + timedelta(days=1), key=rt.agent.version())
    words = "correct horse battery staple"
    done = list_breach.list_breach(rt, OFFICE_CALL, asked, folder / "list.rflx", words)
    assert done.records


def _end_findings(rt: Runtime) -> None:
    rt.clock.move(days=rt.rules.log_days + 1)  # type: ignore[attr-defined]
    assert tidy.end_findings(rt)
    rt.clock.move(days=-rt.rules.log_days - 1)  # type: ignore[attr-defined]


def _reckon(rt: Runtime) -> None:
    kept = open_case(rt, OFFICER, make_request(), None).id
    close.close_case(rt, OFFICER, kept, 1, Ending.WITHDRAWN)
    assert keep_cases.reckon_cases(rt)


def _keep_cases(rt: Runtime) -> None:
    open_case(rt, OFFICER, make_request(), None)
    assert keep_cases.keep_cases(rt) == 0


def _end_cases(rt: Runtime) -> None:
    rt.clock.move(days=3_650)  # type: ignore[attr-defined]
    keep_cases.end_cases(rt)
    rt.clock.move(days=-3_650)  # type: ignore[attr-defined]


def _export_part(rt: Runtime) -> None:
    sequence.sequence_waiting(rt)
    export_log.export_part(rt, AUDIT_CALL, io.BytesIO(), Part(begin=0, end=2))


def _send(rt: Runtime) -> None:
    until = rt.today() + timedelta(days=30)
    sending = send_log.send_log(rt, AUDITOR, Wish(Form.CSV, "auditor-1", until))
    assert list(sending.lines)


def _stream(rt: Runtime, folder: Path) -> None:
    sequence.sequence_waiting(rt)
    with collector.running(*make_certificate(folder)) as receiver:
        ca = folder / "certificate.pem"
        to = Address(HOST, receiver.port, "watch", 365, ca)
        rt.rules = replace(rt.rules, collector=to)
        assert stream_log.stream_batch(rt)


def _expire(rt: Runtime) -> None:
    sequence.sequence_waiting(rt)
    rt.clock.move(days=rt.rules.log_days + 1)  # type: ignore[attr-defined]
    assert expire_log.expire(rt, OFFICE_CALL)
