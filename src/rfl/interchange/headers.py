"""The fields that a list may have, and the headers under which partners' tables give them.

Own field names, those of PFIF in CSV, and common words in English, French, Spanish and Arabic.
A table with other headers needs a column mapping.
"""

import re
import unicodedata

_KNOWN = {
    "record_id": "person_record_id|id|ref|reference|registration number|registration id",
    "stated_on": "source_date|date of registration|registration date|registered on"
    "|date d'enregistrement|fecha de registro|تاريخ التسجيل",
    "expires_on": "expiry_date|expiry|expires",
    "status": "situation|statut|estado|الحالة",
    "full_name": "name|full name|names|name and surname|nom complet|nom et prénom|noms et prénoms"
    "|nombre completo|nombre y apellidos|nombres y apellidos|الاسم|الاسم الكامل|الاسم الثلاثي",
    "other_names": "alternate_names|other names|alias|aliases|also known as|aka|nickname|surnom"
    "|otros nombres|apodo",
    "given_name": "first_name|first name|given names|forename|prénom|prénoms|nombre|nombres"
    "|الاسم الأول",
    "family_name": "last_name|last name|surname|nom|nom de famille|apellido|apellidos|اسم العائلة",
    "father_name": "father|father's name|name of father|père|nom du père|padre|nombre del padre"
    "|اسم الأب",
    "mother_name": "mother|mother's name|name of mother|mère|nom de la mère|madre"
    "|nombre de la madre|اسم الأم",
    "sex": "gender|m/f|f/m|sexe|genre|sexo|الجنس",
    "birth": "date of birth|dob|birth date|birthdate|born|year of birth|yob|date de naissance"
    "|né le|née le|fecha de nacimiento|تاريخ الميلاد",
    "birth_iso": "gregorian date of birth|date of birth (gregorian)",
    "age": "âge|edad|العمر",
    "birth_place": "place of birth|pob|born in|lieu de naissance|lugar de nacimiento|مكان الولادة",
    "nationality": "nationalities|citizenship|nationalité|nacionalidad|الجنسية",
    "last_address": "address|last known address|adresse|dirección|العنوان",
    "street": "home_street|rue|calle",
    "neighborhood": "home_neighborhood|neighbourhood|quartier|barrio",
    "town": "home_city|city|village|municipality|ville|commune|ciudad|municipio|المدينة",
    "province": "home_state|district|region|département|departamento|provincia|المحافظة",
    "postal_code": "home_postal_code|home_zip|postcode|zip|code postal|código postal",
    "country": "home_country|country of origin|pays|pays d'origine|país|البلد",
    "phone": "phone_of_found_person|telephone|phone number|tel|mobile|téléphone|teléfono|móvil"
    "|الهاتف|رقم الهاتف",
    "email": "email_of_found_person|e-mail|mail|courriel|correo|correo electrónico",
    "unhcr": "unhcr number|unhcr id|unhcr no|proGres id|individual id",
    "icrc": "icrc number|icrc id|icrc no",
    "passport": "passport number|passport no|passeport|pasaporte",
    "national_id": "national id|id card|identity card|carte d'identité|cédula|رقم الهوية",
    "occupation": "profession|job|métier|ocupación|المهنة",
    "marks": "distinguishing marks|signes particuliers|señas particulares",
    "languages": "language|langue|langues|idioma|idiomas|اللغة",
    "ethnicity": "ethnic group|ethnie|etnia",
    "religion": "religión|الدين",
    "health": "medical condition|santé|salud",
    "detention": "place of detention|lieu de détention|lugar de detención",
    "last_known_location": "location|current location|last seen|lieu|ubicación|lugar|الموقع",
    "photo": "photo_url|picture",
    "remarks": "remark|comments|comment|notes|observations|remarques|observaciones|ملاحظات",
    "description": "descripción",
    "note_text": "text",
    "author_name": "reported by|reporter|contact name",
    "author_phone": "reporter phone|contact phone",
    "author_email": "reporter email|contact email",
}

FIELDS = frozenset(_KNOWN)
NAME_FIELDS = frozenset({"full_name", "given_name", "family_name"})


def field_of(header: str) -> str | None:
    """Return the field that a header commonly stands for, or None."""
    return _FIELDS.get(same_header(header))


def same_header(text: str) -> str:
    """Return a header without case, accents, signs and double spaces, for comparing."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(ch for ch in plain if not unicodedata.combining(ch))
    return " ".join(re.sub(r"[^\w/]|_", " ", letters).split())


def _fields() -> dict[str, str]:
    found = {same_header(field): field for field in _KNOWN}
    for field, headers in _KNOWN.items():
        for header in headers.split("|"):
            found.setdefault(same_header(header), field)
    return found


_FIELDS = _fields()
