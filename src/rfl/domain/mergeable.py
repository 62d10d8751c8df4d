"""May one case be worked within another? Asked before they are merged, of both sides' files."""

from dataclasses import dataclass

from rfl.domain.casefile import CaseFile
from rfl.domain.masked import Masked
from rfl.domain.merge import Pairs
from rfl.domain.request import TracingRequest
from rfl.domain.states import CaseState
from rfl.errors import Conflict, InvalidInput


@dataclass(frozen=True, slots=True, repr=False)
class Half(Masked):
    """One of the two cases, as far as it decides whether they may be merged."""

    request: TracingRequest
    file: CaseFile


def require_mergeable(one: Half, into: Half, pairs: Pairs, *, same_enquirer: bool) -> None:
    """Return if `one` may be worked within `into`, or raise Conflict or InvalidInput."""
    if one.file.merge is not None or into.file.merge is not None or one.file.merged:
        raise Conflict("One of the two is merged already: undo that first.")
    if one.file.asked_by is not None or into.file.asked_by is not None:
        raise Conflict("A case whose enquirer another society handles is not merged.")
    if into.file.state is CaseState.CLOSED:
        raise Conflict("The surviving case is closed: reopen it first.")
    if one.request.level is not into.request.level:
        raise Conflict("Cases of different sensitivity levels are not merged.")
    if one.request.detrimental is not into.request.detrimental:
        raise Conflict("A case that goes to the Central Tracing Agency alone is not merged (P-36).")
    _require_pairs(one.request, into.request, pairs)
    if same_enquirer:
        _require_answer_kept(one.file, into.file)


def _require_pairs(one: TracingRequest, into: TracingRequest, pairs: Pairs) -> None:
    """Each person sought in the merged case is somebody sought in the surviving one."""
    here, there = [mine for mine, _theirs in pairs], [theirs for _mine, theirs in pairs]
    if sorted(here) != sorted(sought.person.id for sought in one.sought):
        raise InvalidInput("persons", "must name each person sought in the merged case once")
    known = {sought.person.id for sought in into.sought}
    if not set(there) <= known or len(set(there)) != len(there):
        rule = "must name for each another person sought in the surviving case: add them first"
        raise InvalidInput("persons", rule)


def _require_answer_kept(one: CaseFile, into: CaseFile) -> None:
    """The day of the answer that was promised first holds (P-03)."""
    if one.answer_on is None:
        return
    if into.answer_on is None or into.answer_on > one.answer_on:
        raise Conflict("The case whose answer is due first survives.")
