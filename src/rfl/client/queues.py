"""Calls for what waits."""

from collections.abc import Iterator

from rfl.client.group import Group, safe
from rfl.client.shapes import Answer


class Queues(Group):
    """What waits for one account: its cases, its branch's, its searches, proposals."""

    def cases(self, name: str, state: str | None = None, **narrowed: str) -> Iterator[Answer]:
        """Yield a queue: `mine`, `branch`, `unassigned`, `to_tell`, `to_review`, `answers`,
        `judge_again`. `level`, `country`, `opened_from`, `opened_until` and `until` narrow it.
        """
        return self._pages(f"/v1/queues/{safe(name)}", {"state": state, **narrowed})

    def searches(self, waits: str | None = None) -> Iterator[Answer]:
        """Yield the cases that this account searches; `waits` narrows, as `consultation`."""
        return self._pages("/v1/queues/searching", {"waits": waits})

    def proposals(self, code: str | None = None) -> Iterator[Answer]:
        """Yield proposals that the branch has not looked at: `new`, `rose`, `sample` or all."""
        return self._pages("/v1/notices", {"code": code})

    def put_away(self, match_id: str) -> None:
        """Take a proposal off the branch's list of new ones; the proposal itself stays."""
        self._once("DELETE", f"/v1/notices/{safe(match_id)}")
