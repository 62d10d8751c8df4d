"""A Red Cross Message as a page that people print and hand over, and the word that comes back.

The form of the answer has one box for whatever kept the letter from its addressee (P-38).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

from rfl.domain.masked import Masked
from rfl.domain.message import Message, Party
from rfl.domain.states import MessageState
from rfl.exchange.dossier_page import Latin, lines_of, place_of, plain
from rfl.exchange.labels import direction, label

_BOX: Final = "\N{BALLOT BOX} "
_LINE: Final = "_" * 60


@dataclass(frozen=True, slots=True, repr=False)
class MessagePage(Masked):
    """What one page says: the letter, its facts (label and value), in which language."""

    letter: Message
    facts: tuple[tuple[str, str], ...]
    language: str
    latin: Latin

    def to_carry(self) -> str:
        """Return the letter for who carries it, with the part to reply on, as one `article`."""
        return self._article([*self._letter(), *self._form()])

    def to_hear(self) -> str:
        """Return what the writer's society may hear of it, and nothing of the letter itself."""
        return self._article(self._word())

    def _article(self, parts: Iterable[str]) -> str:
        way = direction(self.language)
        head = f"<h1>{self._say('message.title')}</h1>"
        facts = self._table((name, plain(value)) for name, value in self.facts)
        body = "".join(parts)
        return f'<article lang="{self.language}" dir="{way}">{head}{facts}{body}</article>'

    def _letter(self) -> Iterator[str]:
        one, say = self.letter, self._say
        for name, party in (("writer", one.writer), ("addressee", one.addressee)):
            yield f"<h2>{say(f'message.{name}')}</h2>"
            places = lines_of(map(place_of, party.places))
            yield self._table([("names", self._names(party)), ("place", places)])
        relation = ("message.relation", say(f"relation.{one.relation}"))
        yield self._table([relation, ("message.language", plain(one.language))])
        yield f"<h2>{say('message.news')}</h2><p>{_words(one.news)}</p>"
        yield f"<p><em>{say('message.rule')}</em></p>"

    def _form(self) -> Iterator[str]:
        say = self._say
        yield f'<section class="form"><h2>{say("message.reply")}</h2>'
        yield "".join(f"<p>{_LINE}</p>" for _line in range(12))
        yield f"<h2>{say('answer')}</h2><p>{say('answer_how')}</p>"
        yield f"<p>{_BOX}{say('message.delivered')} __________</p>"
        yield f"<p>{_BOX}{say('message.undeliverable')}</p>"
        yield f"<p><em>{say('message.undeliverable_means')}</em></p></section>"

    def _word(self) -> Iterator[str]:
        one, say = self.letter, self._say
        if one.state is MessageState.COULD_NOT_BE_DELIVERED:
            yield f"<p>{say('message.undeliverable')}</p>"
            return
        if one.reply is not None:
            yield f"<h2>{say('message.reply')}</h2><p>{_words(one.reply)}</p>"
        if one.delivered_on is not None:
            day = one.delivered_on.isoformat()
            yield self._table([("message.delivered", plain(day))])

    def _names(self, party: Party) -> str:
        return lines_of(self._name(one.text) for one in party.names)

    def _name(self, name: str) -> str:
        """A name as it is written, and in Latin letters where it is in others."""
        turned = self.latin(name)
        note = f" <small>({plain(turned)}, {self._say('by_machine')})</small>" if turned else ""
        return f"<b>{plain(name)}</b>{note}"

    def _table(self, rows: Iterable[tuple[str, str]]) -> str:
        cells = (f"<tr><th>{self._say(name)}</th><td>{one}</td></tr>" for name, one in rows if one)
        return f"<table>{''.join(cells)}</table>"

    def _say(self, code: str) -> str:
        return escape(label(code, self.language))


def _words(text: str) -> str:
    return lines_of(map(plain, text.splitlines()))
