"""The people of the demonstration: invented, plausible, and nobody's.

Four families came along the Balkan route and lost each other between Idomeni, Gevgelija,
Tabanovce and Preshevo. Clerks wrote their names in Arabic, Dari, Latin and Macedonian Cyrillic.
"""

from rfl.client.shapes import (
    Kin,
    PartialDay,
    Person,
    Place,
    Registration,
    Sought,
    TracingRequest,
)

CAMP = "Vinojug transit camp"
OFFICE = "Tabanovce office"


def person(*names: str, sex: str, born: str = "", town: str = "", country: str = "") -> Person:
    """A person; a year below 1500 is one of the solar Hijri calendar."""
    made: Person = {"names": [{"text": name} for name in names], "sex": sex}
    if born:
        made["birth"] = _birth(born)
    if town:
        made["birth_place"] = Place(country=country, town=town) if country else Place(town=town)
    return made


def registered(key: str, owner: str, described: Person, status: str = "registered") -> Registration:
    """A person on the list of a camp or an office."""
    return {
        "person": described,
        "source": {
            "kind": "camp" if owner == CAMP else "officer",
            "owner": owner,
            "record_id": key,
            "reliability": "stated",
            "stated_on": "2016-02-20",
        },
        "status": status,
        "legal_basis": "vital_interest",
    }


def request(enquirer: Person, relation: str, sought: Person, town: str) -> TracingRequest:
    """A tracing request for one person, from whom contact was lost in a town."""
    wanted: Sought = {"person": sought, "relation": relation}
    return {
        "enquirer": enquirer,
        "sought": [wanted],
        "legal_basis": "public_interest",
        "separation": {"cause": "migration", "place": {"text": town}},
        "methods": ["visit", "phone"],
    }


def _birth(born: str) -> PartialDay:
    if born[:4].isdigit() and int(born[:4]) < 1500:
        return {"text": born, "calendar": "solar_hijri"}
    return {"text": born}


def _father(name: str) -> list[Kin]:
    return [{"relation": "father", "names": [{"text": name}]}]


REGISTRATIONS: dict[str, Registration] = {
    "V-101": registered(
        "V-101", CAMP, person("مریم نوری", sex="female", born="1340", town="Herat", country="AF")
    ),
    "V-102": registered(
        "V-102", CAMP, person("مریم نوری", sex="female", born="1342", town="Ghazni", country="AF")
    ),
    "V-103": registered(
        "V-103", CAMP, person("سامر عبد الله الحموي", sex="male", born="1988", town="Hama")
    ),
    "V-104": registered(
        "V-104", CAMP, person("هناء خليل الدروبي", sex="female", born="1979-03", town="Homs")
    ),
    "V-105": registered("V-105", CAMP, person("غلام‌رضا صادقی", sex="male", born="1365")),
    "V-106": registered("V-106", CAMP, person("زهرا کریمی", sex="female", born="1380-05-11")),
    "T-201": registered(
        "T-201", OFFICE, person("Самир ел Хатиб", sex="male", born="2001-09-14", town="Idlib")
    ),
    "T-202": registered("T-202", OFFICE, person("Нурија Рахими", sex="female", born="1995")),
    "T-203": registered("T-203", OFFICE, person("Фатима Ал Џундија", sex="female", born="1958")),
    "T-204": registered("T-204", OFFICE, person("Bashir Wardak", sex="male", born="1972-01-01")),
    "T-205": registered("T-205", OFFICE, person("Khadija Benali", sex="female", born="1990-12-30")),
    "T-206": registered("T-206", OFFICE, person("Yousef Darwish", sex="male", born="about 1984")),
}

REQUESTS: dict[str, TracingRequest] = {
    "a son looks for his mother": request(
        person("Ahmad Nuri", sex="male", born="1987", town="Herat", country="AF"),
        "mother",
        person("Maryam Noori", sex="female", born="1961", town="Herat", country="AF"),
        "Idomeni",
    ),
    "a sister looks for her brother": request(
        person("ليلى حسن المصطفى", sex="female", born="1994-06-02", town="Aleppo", country="SY"),
        "brother",
        person("عمر حسن المصطفى", sex="male", born="1997", town="Aleppo", country="SY"),
        "Gevgelija",
    ),
    "her brother looks for her": request(
        person("Omar al-Mustafa", sex="male", born="1997-11-19", town="Aleppo", country="SY"),
        "sister",
        person("Layla al-Mustafa", sex="female", born="1994", town="Aleppo", country="SY"),
        "Gevgelija",
    ),
    "a husband looks for his wife": request(
        person("Фарид Азизи", sex="male", born="1983", town="Кабул", country="AF"),
        "wife",
        person("Шакила Азизи", sex="female", born="1986", town="Кабул", country="AF"),
        "Tabanovce",
    ),
    "his wife looks for him": request(
        person("شکیلا عزیزی", sex="female", born="1365", town="Kabul", country="AF"),
        "husband",
        person("فرید عزیزی", sex="male", born="1362", town="Kabul", country="AF"),
        "Tabanovce",
    ),
    "a father looks for his son": request(
        person("محمود الخطيب", sex="male", born="1970", town="Idlib", country="SY"),
        "son",
        person("سمير الخطيب", sex="male", born="2001", town="Idlib", country="SY")
        | Person(kin=_father("محمود الخطيب")),
        "Preshevo",
    ),
    "a daughter looks for her father": request(
        person("Mariam Haidari", sex="female", born="1999", town="Mazar-i-Sharif", country="AF"),
        "father",
        person("Abdul Qadir Haidari", sex="male", born="1968", country="AF", town="Balkh"),
        "Idomeni",
    ),
    "a brother looks for his brother": request(
        person("يوسف سعيد الرفاعي", sex="male", born="1992", town="Daraa", country="SY"),
        "brother",
        person("خالد سعيد الرفاعي", sex="male", born="1989-04-17", town="Daraa", country="SY"),
        "Gevgelija",
    ),
}

TRUE_MOTHER, IMPOSTOR = "V-101", "V-102"

# Whom the matcher must put first for each family, as somebody else wrote the name.
EXPECTED = {
    "a son looks for his mother": "مریم نوری",
    "a sister looks for her brother": "Omar al-Mustafa",
    "her brother looks for her": "ليلى حسن المصطفى",
    "a husband looks for his wife": "شکیلا عزیزی",
    "his wife looks for him": "Фарид Азизи",
    "a father looks for his son": "Самир ел Хатиб",
    "a daughter looks for her father": "Abdulqader Haydari",
    "a brother looks for his brother": "Khaled Said Rifai",
}
