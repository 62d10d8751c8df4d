"""Policy profiles from TOML (P-17): versions, rules for any country, changes for some.

A fault is an InvalidInput whose field is the key's path and whose rule says what is wrong. A file
holds no personal data, but no value is repeated all the same.
"""

import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from importlib import resources
from typing import Any, TypeVar

from rfl.domain.answer import Item
from rfl.domain.person import IdentifierKind, Relation, Sex, is_country
from rfl.domain.policy import (
    BY_COUNTRY,
    AfterKeeping,
    Answering,
    Asking,
    DataClass,
    Field,
    ForbiddenSearch,
    Keeping,
    Profile,
    Rules,
    Version,
)
from rfl.domain.request import Method
from rfl.errors import InvalidInput, within

MOST_BYTES = 1024 * 1024
SHIPPED = ("neutral", "transit_route", "long_memory", "watched_borders")
_E = TypeVar("_E")
_Table = Mapping[str, Any]


def shipped_profile(name: str) -> Profile:
    """Return one of the profiles that come with the node."""
    if name not in SHIPPED:
        raise InvalidInput("profile", f"must be one of {', '.join(SHIPPED)}")
    folder = resources.files("rfl.interchange") / "profiles"
    return read_profile((folder / f"{name}.toml").read_bytes())


def read_profile(content: bytes) -> Profile:
    """Return the profile that a TOML file says, or raise InvalidInput with key and rule."""
    if len(content) > MOST_BYTES:
        raise InvalidInput("file", f"must be at most {MOST_BYTES} bytes")
    try:
        table = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise InvalidInput("file", "must be TOML in UTF-8") from cause
    _known(table, {"name", "version"})
    versions = _tables(_needed(table, "version"), "version")
    made = tuple(_version(number, one) for number, one in enumerate(versions))
    return Profile(_text(_needed(table, "name"), "name"), made)


def _version(number: int, table: _Table) -> Version:
    with within(f"version[{number}]"):
        _known(table, {"code", "begins", "ends", "any", "country", "agency"})
        common = _table(table.get("any", {}), "any")
        countries = _table(table.get("country", {}), "country")
        with within("any"):
            rules = _rules(common)
        return Version(
            code=_text(_needed(table, "code"), "code"),
            begins=_day(_needed(table, "begins"), "begins"),
            ends=_day(table["ends"], "ends") if "ends" in table else None,
            any=rules,
            countries={code: _there(common, code, one) for code, one in countries.items()},
            agency=_text(table["agency"], "agency") if "agency" in table else None,
        )


def _there(common: _Table, code: str, changes: Any) -> Rules:
    """The rules of a country are those for any, with what it changes.

    Of the times of keeping it changes those of classes that know a country.
    """
    with within(f"country.{code if is_country(code) else '?'}"):
        if not is_country(code):
            raise InvalidInput("", "must be two capital letters (ISO 3166-1 alpha-2)")
        changed = _table(changes, "")
        kept = _table(changed.get("keeping", {}), "keeping")
        with within("keeping"):
            _known(kept, set(BY_COUNTRY))
        both = {**_table(common.get("keeping", {}), "keeping"), **kept}
        return _rules({**common, **changed, "keeping": both})


def _rules(table: _Table) -> Rules:
    _known(table, {*_ASKING, *_ANSWERING, *_RULES})
    return Rules(
        asking=Asking(**_read(table, _ASKING)),
        answering=Answering(**_read(table, _ANSWERING)),
        **_read(table, _RULES),
    )


def _read(table: _Table, readers: Mapping[str, Callable[[Any, str], Any]]) -> dict[str, Any]:
    return {key: read(table[key], key) for key, read in readers.items() if key in table}


def _known(table: _Table, keys: set[str]) -> None:
    for key in table:
        if key not in keys:
            shown = key if key.replace("_", "").isalnum() and len(key) <= 40 else "?"
            raise InvalidInput(shown, "unknown key")


def _needed(table: _Table, key: str) -> Any:
    if key not in table:
        raise InvalidInput(key, "is required")
    return table[key]


def _table(value: Any, key: str) -> _Table:
    if not isinstance(value, dict):
        raise InvalidInput(key, "must be a table")
    return value


def _tables(value: Any, key: str) -> list[_Table]:
    if not isinstance(value, list) or not value:
        raise InvalidInput(key, "must be at least one table")
    return [_table(one, f"{key}[{number}]") for number, one in enumerate(value)]


def _text(value: Any, key: str) -> str:
    if not isinstance(value, str) or not value.isprintable() or not 1 <= len(value) <= 40:
        raise InvalidInput(key, "must be 1 to 40 characters")
    return value


def _day(value: Any, key: str) -> date:
    if type(value) is not date:
        raise InvalidInput(key, "must be a day as YYYY-MM-DD, without quotes")
    return value


def _number(value: Any, key: str) -> int:
    if type(value) is not int:
        raise InvalidInput(key, "must be a whole number")
    return value


def _truth(value: Any, key: str) -> bool:
    if not isinstance(value, bool):
        raise InvalidInput(key, "must be true or false")
    return value


def _word(kind: Callable[[str], _E]) -> Callable[[Any, str], _E]:
    words = [one.value for one in kind]  # type: ignore[attr-defined]

    def read(value: Any, key: str) -> _E:
        if value not in words:
            raise InvalidInput(key, f"must be one of {', '.join(words)}")
        return kind(value)

    return read


def _words(kind: Callable[[str], _E]) -> Callable[[Any, str], frozenset[_E]]:
    one = _word(kind)

    def read(value: Any, key: str) -> frozenset[_E]:
        listed = _list(value, key)
        found = [one(word, f"{key}[{number}]") for number, word in enumerate(listed)]
        if len(set(found)) != len(found):
            raise InvalidInput(key, "must name each once")
        return frozenset(found)

    return read


def _list(value: Any, key: str) -> list[Any]:
    if not isinstance(value, list):
        raise InvalidInput(key, "must be a list")
    return value


def _pairs(value: Any, key: str) -> tuple[tuple[Field, Field], ...]:
    field, made = _word(Field), []
    for number, pair in enumerate(_list(value, key)):
        where = f"{key}[{number}]"
        if not isinstance(pair, list) or len(pair) != 2:
            raise InvalidInput(where, "must be two fields: the one given, the one then required")
        made.append((field(pair[0], where), field(pair[1], where)))
    return tuple(made)


def _forbidden(value: Any, key: str) -> tuple[ForbiddenSearch, ...]:
    made, sex = [], _word(Sex)
    for number, one in enumerate(_list(value, key)):
        with within(f"{key}[{number}]"):
            table = _table(one, "")
            _known(table, {"sex", "led_by"})
            lead = sex(_needed(table, "led_by"), "led_by")
            made.append(ForbiddenSearch(sex(_needed(table, "sex"), "sex"), lead))
    return tuple(made)


def _keeping(value: Any, key: str) -> dict[DataClass, Keeping]:
    kept = {}
    with within(key):
        _known(_table(value, ""), set(DataClass))
        for name, one in value.items():
            with within(name):
                table = _table(one, "")
                _known(table, {"days", "then"})
                days = _number(_needed(table, "days"), "days")
                then = _word(AfterKeeping)(table.get("then", "review"), "then")
                kept[DataClass(name)] = Keeping(days, then)
    return kept


_ASKING: dict[str, Callable[[Any, str], Any]] = {
    "relations": _words(Relation),
    "least_age": _number,
    "alone_from": _number,
    "required": _words(Field),
    "required_if": _pairs,
}
_ANSWERING: dict[str, Callable[[Any, str], Any]] = {
    "answer_days": _number,
    "message_days": _number,
    "tell": _words(Item),
    "still_searching_days": _number,
    "review_days": _number,
}
_RULES: dict[str, Callable[[Any, str], Any]] = {
    "methods": _words(Method),
    "forbidden": _forbidden,
    "identifiers": _words(IdentifierKind),
    "photo_age": _number,
    "photos_of_children": _truth,
    "keeping": _keeping,
}
