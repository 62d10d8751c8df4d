"""Synthetic people: names from Faker's frequency lists in five scripts, invented facts."""

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape

from faker import Faker
from openpyxl import Workbook

LOCALES = ("en_US", "ar_AA", "fa_IR", "mk_MK", "ru_RU", "hr_HR", "tr_TR")
HEADER = ("record_id", "full_name", "sex", "birth", "nationality", "town", "phone")
NAMESPACE = "http://zesty.ca/pfif/1.4"


@dataclass(frozen=True, slots=True)
class Invented:
    """One invented person, as a row of a list."""

    record_id: str
    full_name: str
    sex: str
    birth: str
    nationality: str
    town: str
    phone: str

    def values(self) -> tuple[str, ...]:
        """The row in the order of HEADER."""
        return tuple(str(getattr(self, name)) for name in HEADER)


def people(count: int, seed: int = 7) -> Iterator[Invented]:
    """Yield the same people for the same seed."""
    chance = random.Random(seed)
    fakers = _fakers(seed)
    for number in range(count):
        faker = chance.choice(fakers)
        sex = chance.choice(("female", "male"))
        given = faker.first_name_female() if sex == "female" else faker.first_name_male()
        yield Invented(
            record_id=f"camp.example/{number}",
            full_name=f"{given} {faker.last_name()}",
            sex=sex,
            birth=_birth(chance),
            nationality=chance.choice(("SY", "AF", "IQ", "MK", "SO")),
            town=faker.city(),
            phone=f"+38970{number % 1_000_000:06}" if chance.random() < 0.3 else "",
        )


def as_csv(rows: list[Invented]) -> bytes:
    """A CSV list with HEADER."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    writer.writerows(row.values() for row in rows)
    return text.getvalue().encode("utf-8")


def as_xlsx(rows: list[Invented]) -> bytes:
    """The same list as a workbook."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("list")
    sheet.append(HEADER)
    for row in rows:
        sheet.append(row.values())
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def as_pfif(rows: list[Invented]) -> bytes:
    """The same list as PFIF 1.4, with a note for each person."""
    parts = [f'<?xml version="1.0" encoding="UTF-8"?><p:pfif xmlns:p="{NAMESPACE}">']
    parts += [_pfif_person(row) for row in rows]
    parts.append("</p:pfif>")
    return "".join(parts).encode("utf-8")


def _pfif_person(row: Invented) -> str:
    fields = {
        "person_record_id": row.record_id,
        "source_date": "2026-02-01T00:00:00Z",
        "full_name": row.full_name,
        "sex": row.sex,
        "date_of_birth": row.birth,
        "home_city": row.town,
        "home_country": row.nationality,
    }
    body = "".join(f"<p:{name}>{escape(text)}</p:{name}>" for name, text in fields.items())
    note = (
        f"<p:note><p:note_record_id>{row.record_id}.n</p:note_record_id>"
        "<p:source_date>2026-02-02T00:00:00Z</p:source_date>"
        "<p:status>believed_alive</p:status><p:text>Seen at the gate.</p:text></p:note>"
    )
    return f"<p:person>{body}{note}</p:person>"


def _fakers(seed: int) -> list[Faker]:
    fakers = []
    for number, locale in enumerate(LOCALES):
        faker = Faker(locale)
        faker.seed_instance(seed + number)
        fakers.append(faker)
    return fakers


def _birth(chance: random.Random) -> str:
    year, month, day = chance.randint(1940, 2020), chance.randint(1, 12), chance.randint(1, 28)
    return f"{year}-{month:02}-{day:02}" if chance.random() < 0.8 else str(year)
