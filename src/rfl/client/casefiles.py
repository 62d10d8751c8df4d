"""Calls to the enquirer's side of a case: one method for each step, on the version last read."""

from collections.abc import Iterator
from typing import cast
from urllib.parse import quote

from rfl.client.shapes import Answer, Made
from rfl.client.transport import Sent, Transport
from rfl.domain.purpose import Purpose

_PAGE = 200
_JUDGED = frozenset({"credibility", "child", "screening"})


class CaseFiles:
    """Steps of one account. Each names the version that it is based on and is sent once."""

    def __init__(self, transport: Transport, purpose: Purpose) -> None:
        self._transport = transport
        self._purpose = purpose

    def read(self, case_id: str) -> Answer:
        """Open what was judged, agreed and told, and the timeline."""
        sent = Sent(self._purpose, safe=True)
        return cast("Answer", self._transport.call("GET", _path(case_id, "file"), sent).json())

    def judge(self, case_id: str, version: int, credibility: Answer) -> Made:
        """Keep how identity and relationship became credible."""
        return self._step("PUT", case_id, "credibility", version, credibility)

    def hear_child(self, case_id: str, version: int, child: Answer) -> Made:
        """Keep how a child that asks was heard: a case of its own is not accepted without."""
        return self._step("PUT", case_id, "child", version, child)

    def screen(self, case_id: str, version: int, screening: Answer) -> Made:
        """Keep the answers to every question of harm."""
        return self._step("PUT", case_id, "screening", version, screening)

    def accept(self, case_id: str, version: int, country: str | None = None) -> Made:
        """Begin the search; the answer date is fixed."""
        body = {"country": country} if country else {}
        return self._step("POST", case_id, "acceptance", version, body)

    def judge_again(self, case_id: str, version: int) -> Made:
        """Hold the case against today's rules, after they changed."""
        return self._step("POST", case_id, "judgement", version, None)

    def note(self, case_id: str, version: int, said: str) -> Made:
        """Add a note to the timeline."""
        return self._step("POST", case_id, "notes", version, {"said": said})

    def assign(self, case_id: str, version: int, officer: str) -> Made:
        """Give the enquirer to another officer."""
        return self._step("POST", case_id, "assignment", version, {"officer": officer})

    def suspend(self, case_id: str, version: int, review_on: str, reason: str) -> Made:
        """Let the case rest until a day, YYYY-MM-DD."""
        body = {"review_on": review_on, "reason": reason}
        return self._step("POST", case_id, "suspension", version, body)

    def take_up(self, case_id: str, version: int) -> Made:
        """Go on with a case that rested."""
        return self._step("DELETE", case_id, "suspension", version, None)

    def close(self, case_id: str, version: int, ending: str) -> Made:
        """Close the case towards the enquirer."""
        return self._step("POST", case_id, "closing", version, {"ending": ending})

    def reopen(self, case_id: str, version: int, reason: str) -> Made:
        """Open the case again with its whole history."""
        return self._step("POST", case_id, "reopening", version, {"reason": reason})

    def lead(self, case_id: str, version: int, accompanying: str, lead: str) -> Made:
        """Let one sought person accompany another."""
        body = {"accompanying": accompanying, "lead": lead}
        return self._step("POST", case_id, "leading", version, body)

    def merge(self, case_id: str, version: int, merging: Answer) -> Made:
        """Work the case within another: `into`, `same_enquirer`, `persons`."""
        return self._step("POST", case_id, "merge", version, merging)

    def unmerge(self, case_id: str, version: int) -> Made:
        """Take the two cases apart again."""
        return self._step("DELETE", case_id, "merge", version, None)

    def timeline(self, case_id: str) -> Iterator[Answer]:
        """Yield who did what when on the enquirer's side, the oldest first, page by page."""
        return self._lines(_path(case_id, "timeline"))

    def search_timeline(self, case_id: str) -> Iterator[Answer]:
        """Yield what the team did, between what the enquirer's file says; for the team."""
        return self._lines(_path(case_id, "search/timeline"))

    def talk(self, case_id: str, version: int, person: str, talk: Answer) -> Made:
        """Record the talk in which the family was told: `on`, `way`, `trained`."""
        return self._step("POST", case_id, "talks", version, {"person": person} | talk)

    def step(self, case_id: str, version: int, name: str, body: Answer) -> Made:
        """Take any step by the name that its address ends in: what judges is put, others posted."""
        method = "PUT" if name in _JUDGED else "POST"
        return self._step(method, case_id, name, version, body)

    def _lines(self, path: str) -> Iterator[Answer]:
        query: dict[str, str | int] = {"limit": _PAGE}
        while True:
            sent = Sent(self._purpose, query=query, safe=True)
            page = self._transport.call("GET", path, sent).json()
            yield from page["items"]
            if not page["next"]:
                return
            query["cursor"] = page["next"]

    def _step(
        self, method: str, case_id: str, name: str, version: int, body: Answer | None
    ) -> Made:
        headers = {"If-Match": f'"{version}"'}
        sent = Sent(self._purpose, json=body, headers=headers)
        return cast("Made", self._transport.call(method, _path(case_id, name), sent).json())


def _path(case_id: str, name: str) -> str:
    return f"/v1/cases/{quote(case_id, safe='')}/{name}"
