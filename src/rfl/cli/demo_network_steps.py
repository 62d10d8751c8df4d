"""The steps of the network demonstration. Each does its part over HTTP and checks what came of it.

Only what operators do beside a running node, comparing digits and writing out proofs, opens a
database: `rfl peer`, `rfl exchange` and `rfl audit` do the same.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TypeVar

from rfl.cli.demo_people import person, registered, request
from rfl.cli.demo_society import GUARDIAN, OFFICER, SEARCHER, SUPERVISOR, Society
from rfl.cli.demo_steps import Facts, expect, refusal
from rfl.cli.node import office_call
from rfl.client.calls import Client
from rfl.client.shapes import Answer
from rfl.exchange.descriptor import parse_descriptor
from rfl.flows import know_peers

PATIENCE_SECONDS = 30.0
PAUSE_SECONDS = 0.1
ASSESSED = timedelta(days=180)
SKOPJE, BELGRADE, CTA = "skopje", "belgrade", "cta"
ASKED = (BELGRADE, CTA)
MOTHER = "مریم نوری"
NEWS = "All of us are well. The little one walks."
REPLY = "من خوبم. زیر درخت توت منتظرم."
ITEMS = ["asking_society_may_know", "alive_and_well", "message"]

_NO_HARM = dict.fromkeys(("family_dispute", "court_dispute", "abuse", "persecution"), "no") | {
    "goes_on": True,
    "reason": "No sign of any danger in two talks.",
}
_CREDIBLE = {
    "identity_by": "Residence card",
    "relationship_by": "Family book and a question",
    "question": "What did the family call the well?",
    "answer": "The blind one",
    "relationship": "established",
}
_SHOWN = frozenset({"recalled", "erasure.attestation"})
_Found = TypeVar("_Found")


@dataclass(slots=True)
class Story:
    """Three running societies, and what has happened so far: ids by what they are of."""

    nodes: dict[str, Society]
    case: str = ""
    sent: dict[str, str] = field(default_factory=dict)
    searched: dict[str, str] = field(default_factory=dict)
    message: str = ""
    copy: str = ""

    def desk(self, society: str, desk: str = OFFICER) -> Client:
        """An account's way to its node."""
        return self.nodes[society].desks[desk]


def make_friends(story: Story) -> Facts:
    """Let each pair add each other's descriptor, compare its digits and judge data protection."""
    said: Facts = {}
    raws = {code: _descriptor(node) for code, node in story.nodes.items()}
    for here in story.nodes.values():
        with here.opened() as rt:
            for code in raws.keys() - {here.code}:
                peer = know_peers.add_peer(rt, office_call(), raws[code])
                digits = parse_descriptor(raws[code]).fingerprint()
                know_peers.trust_peer(rt, office_call(), code, digits)
                until = rt.clock() + ASSESSED
                know_peers.assess_peer(rt, office_call(), code, until, at_risk=False)
                said[code] = peer.fingerprint
    expect(len(said) == len(story.nodes), "each society is known to the others")
    return {"compared": said}


def ask_two(story: Story) -> Facts:
    """Open the son's case in Skopje, and ask Belgrade and the CTA with his consent."""
    desk = story.desk(SKOPJE)
    today = time.strftime("%Y-%m-%d")
    son = person("Ahmad Nuri", sex="male", born="1987", town="Herat", country="AF")
    mother = person("Maryam Noori", sex="female", born="1961", town="Herat", country="AF")
    agreed = {"form": "signed", "given_on": today, "recipients": list(ASKED)}
    consent = agreed | {"uses": ["search", "share"]}
    notice = {"version": "2026-1", "language": "fa", "given_on": today}
    asked = {"consents": [consent], "notice": notice}
    body = {**request(son, "mother", mother, "Idomeni"), **asked}
    story.case = desk.open_case(body)["id"]  # type: ignore[arg-type]
    for name, said in (("credibility", _CREDIBLE), ("screening", _NO_HARM), ("acceptance", {})):
        desk.files.step(story.case, desk.files.read(story.case)["version"], name, said)
    due = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 90 * 86_400))
    for peer in ASKED:
        wanted = {"peer": peer, "methods": ["visit"], "due_on": due}
        story.sent[peer] = desk.transmissions.queue(story.case, wanted)["id"]
    return {"case": story.case, "asked": list(ASKED)}


def accept_both(story: Story) -> Facts:
    """Let both societies read what came and accept it; only then is it matched."""
    for peer in ASKED:
        desk = story.desk(peer)
        row = awaited("the request arrives", partial(_first, desk.received.waiting))
        came = desk.received.read(row["id"])
        expect(came["dossier"]["sought"][0]["relation"] == "mother", "the request says whom")
        story.searched[peer] = desk.received.accept(row["id"], came["version"])["id"]
    answers = {
        peer: awaited("the acceptance arrives", partial(_accepted, story, peer)) for peer in ASKED
    }
    return {"answer_dates": {peer: one["answer_on"] for peer, one in answers.items()}}


def match_there(story: Story) -> Facts:
    """Find the mother among those whom Belgrade has registered; a second officer verifies it."""
    desk = story.desk(BELGRADE)
    described = person(MOTHER, sex="female", born="1340", town="Herat", country="AF")
    desk.register(registered("B-7", "Reception centre", described))
    case = story.searched[BELGRADE]
    match = awaited("she is proposed", lambda: next(iter(desk.matches(case)), None))
    desk.decide(match["id"], match["version"], "confirmed", "She named him and his father.")
    supervisor = story.desk(BELGRADE, SUPERVISOR)
    for member in (OFFICER, SEARCHER):
        account = story.nodes[BELGRADE].accounts[member].account
        supervisor.searches.team(case, account, joins=True)
    who = {"person": _search(story)["searches"][0]["person"]}
    _step(story, "lead", who | {"match": match["id"], "source": "A list"}, OFFICER)
    _step(story, "verify", who)
    heard = story.desk(SKOPJE).files.read(story.case)["outcomes"][0]["told"]["outcome"]
    expect(heard == "searching", "nothing of a match crosses the border")
    return {"band": match["band"], "why": [one["code"] for one in match["reasons"][:3]]}


def consult_her(story: Story) -> Facts:
    """Ask the mother what her son may know; the answer leaves, and the family hears."""
    here = _search(story)
    asked = {
        "on": time.strftime("%Y-%m-%d"),
        "place": "Her room",
        "language": "fa",
        "form": "signed",
        "identified_by": "She named the neighbour who kept the goat",
        "alone": True,
        "identified_first": True,
    }
    _step(story, "screening", _NO_HARM)
    who, by = here["searches"][0]["person"], here["request"]["enquirer"]["id"]
    answer = {"person": who, "enquirer": by, "items": ITEMS, "consultation": asked}
    _step(story, "answer", answer)
    told = awaited("the family hears", lambda: _news(story))
    expect(set(told["items"]) == set(ITEMS[1:]), "the family hears what she allowed, no more")
    return {"outcome": told["outcome"], "items": told["items"]}


def write_while_cut(story: Story) -> Facts:
    """Stop Belgrade, write a letter that cannot arrive, start Belgrade again: it arrives."""
    story.nodes[BELGRADE].stop()
    desk = story.desk(SKOPJE).messages
    letter = {
        "writer": {"names": [{"text": "Ahmad Nuri"}]},
        "addressee": {"names": [{"text": MOTHER}], "places": [{"country": "RS"}]},
        "relation": "mother",
        "news": NEWS,
        "language": "fa",
    }
    story.message = desk.collect(letter)["id"]
    version = desk.check(story.message, 1)["version"]
    desk.transmit(story.message, version, {"country": "RS", "peer": BELGRADE})
    time.sleep(2 * PAUSE_SECONDS)
    lost = time.monotonic()
    story.nodes[BELGRADE].start()
    story.nodes[BELGRADE].wait_until_ready()
    there = story.desk(BELGRADE).messages
    row = awaited("the letter arrives once the line is back", partial(_first, there.waiting))
    story.copy = row["id"]
    expect(there.read(story.copy)["news"] == NEWS, "the letter is what was written")
    return {"arrived_after_seconds": round(time.monotonic() - lost, 1)}


def reply_comes_back(story: Story) -> Facts:
    """Enter the mother's reply where the letter was carried; the writer's society reads it."""
    desk, there = story.desk(SKOPJE).messages, story.desk(BELGRADE).deliveries
    there.reply(story.copy, there.read(story.copy)["version"], REPLY)
    seen = awaited("the reply comes back", lambda: _replied(desk.read(story.message)))
    return {"state": seen["state"], "reply_as_written": seen["reply"] == REPLY}


def take_back(story: Story) -> Facts:
    """Let the son withdraw: both societies destroy what they were sent, and attest it."""
    desk = story.desk(SKOPJE)
    version = desk.files.read(story.case)["version"]
    desk.transmissions.withdraw(story.case, version, ["share"])
    recalls = awaited("both societies attest", lambda: _attested(desk))
    gone = {}
    for peer in ASKED:
        entries = story.desk(peer, GUARDIAN).log(200)
        reasons = {one["reason"] for one in entries}
        expect(reasons >= _SHOWN, "the society's log shows the recall and its attestation")
        gone[peer] = _opened(story.desk(peer, SEARCHER), story.searched[peer])
    expect(set(gone.values()) == {"erased"}, "nobody opens the copies any more")
    asked = [one["reason"] for one in story.desk(SKOPJE, GUARDIAN).log(200)]
    expect(asked.count("consent.change") == len(ASKED), "the log of Skopje shows both recalls")
    return {"attested_by": sorted(one["peer"] for one in recalls), "copies": gone}


def stop_all(story: Story) -> Facts:
    """End the three nodes as a service manager does."""
    codes = {code: node.stop() for code, node in story.nodes.items()}
    expect(set(codes.values()) == {0}, "each node ends by itself, with exit code 0")
    return {"exit_codes": codes}


def awaited(what: str, find: Callable[[], _Found | None]) -> _Found:
    """Ask until there is something, and return it, or raise DemoFailed."""
    until = time.monotonic() + PATIENCE_SECONDS
    while (found := find()) is None:
        expect(time.monotonic() < until, what)
        time.sleep(PAUSE_SECONDS)
    return found


def _descriptor(node: Society) -> bytes:
    with node.opened() as rt:
        return know_peers.own_descriptor(rt, office_call())


def _first(waiting: Callable[[], Iterator[Answer]]) -> Answer | None:
    return next(waiting(), None)


def _accepted(story: Story, peer: str) -> Answer | None:
    found = story.desk(SKOPJE).transmissions.read(story.sent[peer])
    return found if found["state"] == "accepted" else None


def _search(story: Story) -> Answer:
    return story.desk(BELGRADE, SEARCHER).searches.read(story.searched[BELGRADE])


def _step(story: Story, name: str, said: Mapping[str, object], desk: str = SEARCHER) -> None:
    version = _search(story)["version"]
    case = story.searched[BELGRADE]
    story.desk(BELGRADE, desk).searches.step(case, version, name, **said)


def _news(story: Story) -> Answer | None:
    told: Answer = story.desk(SKOPJE).files.read(story.case)["outcomes"][0]["told"]
    return told if told["outcome"] == "information_given" else None


def _replied(letter: Answer) -> Answer | None:
    return letter if letter["reply"] else None


def _attested(desk: Client) -> list[Answer] | None:
    found = desk.received.recalls()
    return found if len(found) == len(ASKED) and all(one["attested_at"] for one in found) else None


def _opened(desk: Client, case: str) -> str:
    return refusal(lambda: desk.read_case(case))
