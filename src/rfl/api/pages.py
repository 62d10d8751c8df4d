"""Pages of lists: where one begins, and the sealed cursor of the next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from starlette.responses import Response

from rfl.api.answers import answer
from rfl.api.ask import Ask
from rfl.api.schemas.office import Page
from rfl.flows.cursors import open_cursor, seal_cursor
from rfl.flows.runtime import Call, Runtime


class _Listed(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def created_at(self) -> int: ...


_Row = TypeVar("_Row", bound=_Listed)


def by_opening(row: _Listed) -> int:
    """Return the moment of most lists: when the record was opened."""
    return row.created_at


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that is shown in pages, under a name that its cursors are bound to."""

    name: str

    def page(
        self,
        ask: Ask,
        page: Page,
        flow: Callable[[Runtime, Call, tuple[int, str], int], Sequence[_Row]],
        view: Callable[[_Row], object],
        moment: Callable[[_Row], int] = by_opening,
    ) -> Response:
        """Answer one page of what the flow lists."""
        rows = flow(ask.rt, ask.call, self.begins(ask, page), page.limit)
        last = (moment(rows[-1]), rows[-1].id) if len(rows) == page.limit else None
        return self.ends(ask, [view(row) for row in rows], last)

    def begins(self, ask: Ask, page: Page) -> tuple[int, str]:
        """Return after which row a page goes on."""
        return open_cursor(ask.rt, ask.call, self.name, page.cursor)

    def ends(self, ask: Ask, items: list[object], last: tuple[int, str] | None) -> Response:
        """Answer a page whose last row, shown or passed over, is this; None: there is no more."""
        following = None if last is None else seal_cursor(ask.rt, ask.call, self.name, last)
        return answer({"items": items, "next": following})
