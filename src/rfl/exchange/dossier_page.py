"""A tracing request as a page that people read and print: the same facts as a letter, no more.

Each text of a person stands in an element of its own direction, so that Arabic in an English page,
and a number in an Arabic one, read as they were written. Whatever comes from outside is escaped.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

from rfl.domain.answer import Item
from rfl.domain.dates import PartialDate
from rfl.domain.dossier import Dossier
from rfl.domain.masked import Masked
from rfl.domain.person import Identifier, Kin, Name, Person, Place, Stay
from rfl.domain.request import UNKNOWN_SEPARATION, Level
from rfl.domain.transmission import WhyReturned
from rfl.exchange.labels import direction, label

Latin = Callable[[str], str]
"""Letters of another script in Latin ones; an empty text for what is Latin already."""

_BOX: Final = "\N{BALLOT BOX} "
_RULES: Final = ("humanitarian", "asked", "agreed", "destroy")
_PLACE: Final = ("text", "landmark", "address", "town", "province", "country")


@dataclass(frozen=True, slots=True, repr=False)
class Page(Masked):
    """What one page says: the request, its facts (label and value), and how it is handled."""

    dossier: Dossier
    facts: tuple[tuple[str, str], ...]
    onward: bool
    withhold_origin: bool
    language: str
    latin: Latin

    def to_html(self) -> str:
        """Return the page as one `article`, the form of the answer at its end."""
        parts = "".join([*self._request(), *self._rules(), *self._form()])
        way = direction(self.language)
        return f'<article lang="{self.language}" dir="{way}">{parts}</article>'

    def _request(self) -> Iterator[str]:
        one, say = self.dossier, self._say
        yield f"<h1>{say('title')}</h1>"
        methods = ", ".join(say(f"method.{method}") for method in sorted(one.methods))
        facts = [*self.facts, ("country", one.country or ""), ("origin", one.origin or "")]
        yield self._table([*((name, plain(value)) for name, value in facts), ("methods", methods)])
        for number, sought in enumerate(one.sought, 1):
            yield f"<h2>{say('sought')} {number}</h2>"
            relation = ("relation", say(f"relation.{sought.relation}"))
            lead = dict(one.leads).get(sought.person.id)
            led = plain(str(one.persons.index(lead) + 1)) if lead is not None else ""
            yield self._table([relation, ("accompanies", led), *self._person(sought.person)])
        yield f"<h2>{say('enquirer')}</h2>"
        if one.child_enquirer:
            yield f"<p>{say('child_enquirer')}</p>"
        if one.enquirer is None:
            yield f"<p>{say('enquirer_withheld')}</p>"
        else:
            yield self._table(self._person(one.enquirer))
        yield from self._reach()
        yield from self._separation()
        yield from self._statement()

    def _reach(self) -> Iterator[str]:
        """How the enquirer is reached: there once the society has given information."""
        told = self.dossier.reach
        if told is not None:
            yield f"<h2>{self._say('reach')}</h2>"
            phones, emails = (lines_of(map(plain, each)) for each in (told.phones, told.emails))
            rows = [("item.address", place_of(told.address)), ("identifier.phone", phones)]
            yield self._table([*rows, ("identifier.email", emails), ("story", _story(told.story))])

    def _separation(self) -> Iterator[str]:
        told = self.dossier.separation
        if told != UNKNOWN_SEPARATION:
            yield f"<h2>{self._say('separation')}</h2>"
            rows = [("cause", self._say(f"cause.{told.cause}")), ("when", _date(told.when))]
            yield self._table([*rows, ("place", place_of(told.place))])

    def _statement(self) -> Iterator[str]:
        said = self.dossier.statement
        yield f"<h2>{self._say('statement')}</h2>"
        relationship = ("relationship", self._say(said.relationship.value))
        judged, screened = (plain(day.isoformat()) for day in (said.judged_on, said.screened_on))
        yield self._table([relationship, ("judged_on", judged), ("screened_on", screened)])

    def _rules(self) -> Iterator[str]:
        yield f"<h2>{self._say('rules')}</h2><ul>"
        kept = [*_RULES, "onward" if self.onward else "not_onward"]
        if self.withhold_origin:
            kept.append("no_origin")
        if self.dossier.detrimental:
            kept.append("detrimental")
        if self.dossier.level is not Level.NORMAL:
            kept.append(self.dossier.level)
        yield "".join(f"<li>{self._say(f'rule_{one}')}</li>" for one in kept)
        yield "</ul>"

    def _form(self) -> Iterator[str]:
        """What may be answered: nothing on the form tells a refusal apart (P-03)."""
        say = self._say
        yield f'<section class="form"><h2>{say("answer")}</h2><p>{say("answer_how")}</p>'
        yield f"<p>{_BOX}{say('accepted')} __________</p>"
        why = "".join(f"<li>{_BOX}{say(f'why.{one}')}</li>" for one in WhyReturned)
        yield f"<p>{_BOX}{say('returned')} / {_BOX}{say('declined')}</p><ul>{why}</ul>"
        items = "".join(f"<li>{_BOX}{say(f'item.{one}')}</li>" for one in Item)
        for number, _sought in enumerate(self.dossier.sought, 1):
            yield f"<h3>{say('sought')} {number}</h3>"
            yield f"<p>{_BOX}{say('information_given')}</p><ul>{items}</ul>"
            yield f"<p>{_BOX}{say('deceased_confirmed')} __________</p>"
            yield f"<p>{_BOX}{say('ended_without_information')}</p>"
        yield f"<p><em>{say('ended_means')}</em></p></section>"

    def _person(self, person: Person) -> list[tuple[str, str]]:
        return [
            ("names", lines_of(self._name(one) for one in person.names)),
            ("sex", self._say(f"sex.{person.sex}")),
            ("birth", _date(person.birth)),
            ("birth_place", place_of(person.birth_place)),
            ("nationalities", plain(", ".join(person.nationalities))),
            ("kin", lines_of(self._kin(one) for one in person.kin)),
            ("last_address", place_of(person.last_address)),
            ("identifiers", lines_of(self._identifier(one) for one in person.identifiers)),
            ("journey", lines_of(map(_stay, person.journey))),
        ]

    def _name(self, name: Name) -> str:
        """A name as it is written, and in Latin letters where it is in others."""
        turned = self.latin(name.text)
        note = f" <small>({plain(turned)}, {self._say('by_machine')})</small>" if turned else ""
        return f"<b>{plain(name.text)}</b>{note}"

    def _kin(self, kin: Kin) -> str:
        names = ", ".join(self._name(one) for one in kin.names)
        return f"{self._say(f'relation.{kin.relation}')}: {names}"

    def _identifier(self, one: Identifier) -> str:
        return f"{self._say(f'identifier.{one.kind}')}: {plain(one.value)}"

    def _table(self, rows: Iterable[tuple[str, str]]) -> str:
        """Return rows of label and HTML; what is not known has no row."""
        cells = (f"<tr><th>{self._say(name)}</th><td>{one}</td></tr>" for name, one in rows if one)
        return f"<table>{''.join(cells)}</table>"

    def _say(self, code: str) -> str:
        return escape(label(code, self.language))


def plain(value: str) -> str:
    """Return a text of its own direction, escaped; nothing for an empty one."""
    return f"<bdi>{escape(value)}</bdi>" if value else ""


def _story(words: str | None) -> str:
    return lines_of(map(plain, words.splitlines())) if words else ""


def lines_of(parts: Iterable[str]) -> str:
    """Return HTML parts below each other."""
    return "<br>".join(parts)


def _date(when: PartialDate | None) -> str:
    """A date as it was given, and the days that it means."""
    if when is None:
        return ""
    first, last = when.earliest.isoformat(), when.latest.isoformat()
    means = first if first == last else f"{first} / {last}"
    return f"{plain(when.text)} <small>({plain(means)})</small>"


def place_of(place: Place | None) -> str:
    """Return what is known of a place, the smallest first."""
    if place is None:
        return ""
    return ", ".join(plain(str(getattr(place, one))) for one in _PLACE if getattr(place, one))


def _stay(stay: Stay) -> str:
    when = _date(stay.when)
    return f"{place_of(stay.place)} {when}".strip()
