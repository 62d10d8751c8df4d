"""The words in which lists give sex and status."""

from rfl.domain.person import Sex
from rfl.domain.registration import Status
from rfl.errors import InvalidInput

_SEX_WORDS = {
    Sex.FEMALE: "female f woman girl féminin feminin femme fille femenino femenina mujer niña "
    "أنثى انثى امرأة زن دختر женски ж жена женский",
    Sex.MALE: "male m man boy masculin homme garçon masculino hombre niño "
    "ذكر رجل مرد پسر машки м маж мужской",
    Sex.OTHER: "other autre otro x",
    Sex.UNKNOWN: "unknown unspecified u inconnu desconocido n/a ?",
}
_STATUS_WORDS = {
    Status.REGISTERED: "registered|present|enregistré|registrado",
    Status.REPORTED_ALIVE: "reported_alive|believed_alive|alive|vivant|vivante|vivo|viva",
    Status.SELF_REPORTED_ALIVE: "self_reported_alive|is_note_author|i am alive",
    Status.REPORTED_MISSING: "reported_missing|believed_missing|missing|disparu|disparue|"
    "desaparecido|desaparecida",
    Status.INFORMATION_SOUGHT: "information_sought|sought|recherché|buscado",
    Status.REPORTED_DEAD_UNCONFIRMED: "reported_dead_unconfirmed|believed_dead|dead|deceased|"
    "died|décédé|décédée|mort|fallecido|fallecida|muerto",
    Status.DETAINED: "detained|détenu|détenue|detenido|detenida",
    Status.UNACCOMPANIED_CHILD: "unaccompanied_child|unaccompanied|unaccompanied minor|uam|uac",
    Status.SEPARATED_CHILD: "separated_child|separated",
}
_SEX = {word: sex for sex, words in _SEX_WORDS.items() for word in words.split()}
_STATUS = {word: status for status, words in _STATUS_WORDS.items() for word in words.split("|")}
_RULE_SEX = "must be female, male, other or unknown, in one of the words that lists use"
_RULE_STATUS = f"must be one of {', '.join(Status)}, or of PFIF's statuses"


def read_sex(word: str) -> Sex:
    """Return the sex that a word means, or raise InvalidInput."""
    sex = _SEX.get(word) or _SEX.get(word.casefold().rstrip("."))
    if sex is None:
        raise InvalidInput("sex", _RULE_SEX)
    return sex


def read_status(word: str) -> Status:
    """Return the status that a word means, or raise InvalidInput. Any death is unconfirmed."""
    status = _STATUS.get(word) or _STATUS.get(word.casefold())
    if status is None:
        raise InvalidInput("status", _RULE_STATUS)
    return status
