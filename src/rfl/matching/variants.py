"""The full names that one name stands for, where its parts are typed."""

from collections.abc import Iterable

from rfl.domain.person import Name, NamePart, PartKind

_SET_ASIDE = frozenset({PartKind.TITLE})
_INSTEAD_OF = {
    PartKind.MAIDEN: frozenset({PartKind.FAMILY}),
    PartKind.NICKNAME: frozenset({PartKind.OWN}),
}


def texts_of(name: Name) -> list[str]:
    """The name as given without its titles; with the maiden name, and with the nickname.

    A maiden name stands where the family name does, a nickname where the own name does, as others
    may have written them down.
    """
    if not name.parts:
        return [name.text]
    parts = [part for part in name.parts if part.kind not in _SET_ASIDE]
    usual = _without_titles(name)
    others = [_with(parts, one) for one in parts if one.kind in _INSTEAD_OF]
    return list(dict.fromkeys([usual, *filter(None, others)]))


def _without_titles(name: Name) -> str:
    titles = {part.text for part in name.parts if part.kind in _SET_ASIDE}
    if not titles:
        return name.text
    kept = " ".join(word for word in name.text.split() if word not in titles)
    return kept or name.text


def _with(parts: Iterable[NamePart], one: NamePart) -> str:
    """The parts with one of them in its place, and without others of its kind."""
    left_out = _INSTEAD_OF[one.kind] | (frozenset(_INSTEAD_OF) - {one.kind})
    kept = [part.text for part in parts if part is one or part.kind not in left_out]
    return " ".join(kept) if len(kept) > 1 or one.kind is PartKind.NICKNAME else ""
