"""Calls about Red Cross Messages and family calls: the writer's side, and who carries."""

from collections.abc import Iterator
from typing import cast

from rfl.client.group import Group, safe
from rfl.client.shapes import Answer, Made

_PUT = frozenset({"news"})


class Messages(Group):
    """Letters of one account's branch, as their writers hear of them; and calls."""

    def collect(self, message: Answer) -> Made:
        """Keep a letter as it was written; with `case_id`, for a case."""
        return self._create("/v1/messages", message)

    def waiting(self) -> Iterator[Answer]:
        """Yield what stands in clear of the branch's open letters, oldest first."""
        return self._pages("/v1/messages", {})

    def read(self, message_id: str) -> Answer:
        """Open a letter, and its reply once there is one."""
        return self._read(_path(message_id))

    def check(self, message_id: str, version: int, returned: str | None = None) -> Made:
        """Let a letter go, or return it to its writer with the reason."""
        body = {} if returned is None else {"returned": returned}
        return self.step(message_id, version, "checks", body)

    def rewrite(self, message_id: str, version: int, news: str) -> Made:
        """Keep what the writer wrote anew."""
        return self.step(message_id, version, "news", {"news": news})

    def transmit(self, message_id: str, version: int, sending: Answer) -> Made:
        """Hand a checked letter to who carries it."""
        return self.step(message_id, version, "transmission", sending)

    def hand_over(self, message_id: str, version: int) -> Made:
        """Record that the writer has the reply."""
        return self.step(message_id, version, "handing-over", None)

    def step(self, message_id: str, version: int, name: str, body: Answer | None) -> Made:
        """Take any step of the writer's side by the name that its address ends in."""
        method = "PUT" if name in _PUT else "POST"
        return self._step(method, f"{_path(message_id)}/{safe(name)}", version, body)

    def make_dossier(self, message_id: str, version: int, language: str | None = None) -> Answer:
        """Seal a letter, or the word of one, for a society without a node; once a passphrase."""
        body = {} if language is None else {"language": language}
        return cast("Answer", self._step("POST", f"{_path(message_id)}/dossier", version, body))

    def take(self, message: Answer) -> Made:
        """Keep a letter that came on paper: as one collected, with `peer` and `ref`."""
        return self._create("/v1/messages/received", message)

    def owed(self) -> Iterator[Answer]:
        """Yield letters of which a society without a node is to be brought word."""
        return self._pages("/v1/owed-messages", {})

    def record_call(self, spoken: Answer) -> Made:
        """Keep the fact that a family spoke: `on`, `way`, `both_agreed`."""
        return self._create("/v1/calls", spoken)

    def read_call(self, call_id: str) -> Answer:
        """Open the fact that a family spoke."""
        return self._read(f"/v1/calls/{safe(call_id)}")

    def calls(self, case_id: str) -> list[Answer]:
        """Return the records of a case's calls, the first kept first."""
        return cast("list[Answer]", self._read(f"/v1/cases/{safe(case_id)}/calls")["items"])


class Deliveries(Group):
    """What became of letters, for who carries them and does not handle the writer."""

    def read(self, message_id: str) -> Answer:
        """Open a letter's way, with its own version."""
        return self._read(f"{_path(message_id)}/delivery")

    def deliver(self, message_id: str, version: int, on: str, *, may_tell: bool) -> Made:
        """Record that a letter was handed over, and whether the writer may know."""
        return self.step(message_id, version, None, {"on": on, "may_tell": may_tell})

    def reply(self, message_id: str, version: int, reply: str, returned: str | None = None) -> Made:
        """Keep the reply, or return it to who wrote it with the reason."""
        more = {} if returned is None else {"returned": returned}
        return self.step(message_id, version, "reply", {"reply": reply, **more})

    def fail(self, message_id: str, version: int, reason: str) -> Made:
        """Record why a letter was not delivered; the reason stays here."""
        return self.step(message_id, version, "failure", {"reason": reason})

    def step(self, message_id: str, version: int, name: str | None, body: Answer) -> Made:
        """Take any step by the name that its address ends in; without one: it was handed over."""
        end = "" if name is None else f"/{safe(name)}"
        return self._step("POST", f"{_path(message_id)}/delivery{end}", version, body)


def _path(message_id: str) -> str:
    return f"/v1/messages/{safe(message_id)}"
