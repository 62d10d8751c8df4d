"""The searching side by HTTP: one address for every step, the team alone reads it."""

from typing import Any

import pytest

from rfl.api.schemas import searching
from rfl.api.schemas.journal import JournalAnswer
from rfl.domain.access import Role
from tests.api.support import CASEWORK, Caller, Desk, done, refused
from tests.api.test_casefiles import SCREENED, accepted, step

CONSULTED = {
    "on": "2026-03-01",
    "place": "Her tent",
    "language": "fa",
    "form": "signed",
    "identified_by": "She named the neighbour who kept the goat",
    "alone": True,
    "identified_first": True,
}
DEAD = {"source": "competent_authority", "said_by": "Registrar", "document": "Certificate 41"}


class Team:
    """Two who search for the person of one accepted case."""

    def __init__(self, desk: Desk, **changes: Any) -> None:
        self.case, self.desk = accepted(desk, **changes), desk
        self.first, self.second = (desk.caller(Role.TRACING_OFFICER, CASEWORK) for _ in range(2))
        supervisor = desk.caller(Role.SUPERVISOR, CASEWORK)
        for member in (self.first, self.second):
            body = {"officer": member.account, "joins": True}
            done(supervisor.post(f"{self.path}/team", body))

    @property
    def path(self) -> str:
        return f"/v1/cases/{self.case}/search"

    @property
    def journal(self) -> Any:
        return done(self.first.get(self.path))

    @property
    def person(self) -> str:
        return str(self.journal["searches"][0]["person"])

    @property
    def outcome(self) -> Any:
        return done(self.desk.officer.get(f"/v1/cases/{self.case}/file"))["outcomes"][0]["told"]

    def take(self, name: str, **said: Any) -> Any:
        by: Caller = said.pop("by", self.first)
        stamp = {"If-Match": f'"{self.journal["version"]}"'}
        return by.post(self.path, {"step": name} | said, headers=stamp)

    def located(self) -> "Team":
        done(self.take("screening", **SCREENED))
        done(self.take("lead", person=self.person, source="The list of a camp"))
        done(self.take("verify", person=self.person))
        return self

    def answer(self, *items: str, **said: Any) -> Any:
        request = done(self.desk.officer.get(f"/v1/cases/{self.case}/request"))
        enquirer = request["enquirer"]["id"]
        body = {"person": self.person, "enquirer": enquirer, "items": list(items)}
        return self.take("answer", **body, consultation=CONSULTED, **said)


def test_a_search_goes_from_the_first_visit_to_good_news(desk: Desk) -> None:
    team = Team(desk)
    visit = {"on": "2026-03-01", "method": "visit", "came": "hint", "said": "Asked at the gate."}
    refused(team.take("action", **visit), 422, "method", "allowed by the enquirer")
    done(team.take("note", said="The imam knows the family."))
    team.located()
    [before] = team.journal["forecast"]
    assert before["on_answer_date"]["outcome"] == "ended_without_information"
    done(team.answer("alive_and_well", "message"))
    answer = team.first.get(team.path)
    journal = done(answer)
    assert (journal["searches"][0]["state"], journal["answer_on"]) == ("answered", "2026-08-28")
    assert journal["forecast"][0]["now"]["items"] == ["alive_and_well", "message"]
    JournalAnswer.model_validate_json(answer.content, strict=False)
    assert (team.outcome["outcome"], sorted(team.outcome["items"])) == (
        "information_given",
        ["alive_and_well", "message"],
    )
    file = done(desk.officer.get(f"/v1/cases/{team.case}/file"))
    together = ["The mother, signed", "The son, signed"]
    done(team.take("reunion", person=team.person, agreements=together))
    assert done(desk.officer.get(f"/v1/cases/{team.case}/file")) == file


def test_p01_a_refusal_by_http_changes_nothing_that_the_enquirers_side_reads(
    sqlite_desk: Desk,
) -> None:
    team = Team(sqlite_desk).located()
    paths = (f"/v1/cases/{team.case}/file", f"/v1/cases/{team.case}", "/v1/cases", "/v1/notices")
    before = [sqlite_desk.officer.get(path).content for path in paths]
    done(team.answer())
    done(team.take("withdraw", person=team.person))
    assert [sqlite_desk.officer.get(path).content for path in paths] == before
    assert team.journal["searches"][0]["state"] == "refuses"


def test_p03_every_step_has_the_same_address_and_an_answer_of_the_same_form(
    sqlite_desk: Desk,
) -> None:
    team = Team(sqlite_desk).located()
    steps = [
        team.take("note", said="Asked again."),
        team.answer(),
        team.take("death", person=team.person, **DEAD),
    ]
    assert {(one.status_code, one.request.url.path) for one in steps} == {(200, team.path)}
    assert {tuple(done(one)) for one in steps} == {("id", "version")}
    assert len({len(one.content) for one in steps}) == 1


def test_p05_a_death_is_confirmed_by_the_second_of_the_team_and_told_in_a_talk(
    sqlite_desk: Desk,
) -> None:
    team = Team(sqlite_desk)
    person = team.person
    done(team.take("lead", person=person, source="The registry"))
    done(team.take("death", person=person, burial_place="Row 4, Iraio", **DEAD))
    refused(team.take("confirm_death", person=person), 409, None, "second officer")
    assert team.outcome["outcome"] == "searching"
    done(team.take("confirm_death", by=team.second, person=person))
    assert team.outcome["burial_place"] == "Row 4, Iraio"
    talk = {"person": person, "on": "2026-03-01", "way": "in_person", "trained": True}
    done(step(sqlite_desk.officer, "POST", team.case, "talks", talk))
    untrained = talk | {"trained": False}
    answer = step(sqlite_desk.officer, "POST", team.case, "talks", untrained)
    refused(answer, 422, "trained", "must be true")


def test_p04b_a_representatives_answer_waits_for_the_second_officer(sqlite_desk: Desk) -> None:
    team = Team(sqlite_desk).located()
    who = {
        "name": "Halima Noor",
        "capacity": "grandmother",
        "reason": "without_capacity",
        "best_interest": "He asks for his mother every night.",
        "ask_again_on": "2027-03-01",
    }
    state = {"person": team.person, "state": "cannot_be_asked", "said": "He is in a coma."}
    done(team.take("move", **state))
    done(team.answer("alive_and_well", representative=who))
    assert team.outcome["outcome"] == "searching"
    done(team.take("agree", by=team.second, person=team.person))
    assert team.outcome["outcome"] == "information_given"


def test_p19_a_found_child_is_judged_by_a_vetted_officer(sqlite_desk: Desk) -> None:
    daughter = _sought("Zahra", "daughter")
    daughter["person"]["birth"] = {"text": "2018"}
    team = Team(sqlite_desk, sought=[daughter]).located()
    child = {"guardian": "Her aunt", "asked_with_guardian": True, "best_interest": "She asks."}
    done(team.take("child", person=team.person, **child))
    refused(team.answer("message"), 403, None, "")
    administrator = sqlite_desk.administrator()
    path = f"/v1/accounts/{team.first.account}/vetting"
    assert administrator.put(path, {"until": "2027-01-01"}).status_code == 204
    done(team.answer("message"))
    assert team.outcome["outcome"] == "searching", "not verified from both sides"


def test_p37_only_the_team_opens_the_searching_side(sqlite_desk: Desk) -> None:
    team = Team(sqlite_desk)
    for other in (
        sqlite_desk.officer,
        sqlite_desk.caller(Role.TRACING_OFFICER, CASEWORK),
        sqlite_desk.caller(Role.SUPERVISOR, CASEWORK),
        sqlite_desk.caller(Role.DATA_PROTECTION_OFFICER, "data_subject_request"),
        sqlite_desk.administrator(),
    ):
        assert other.get(team.path).status_code == 403
        assert team.take("note", by=other, said="Mine").status_code == 403
    leaving = {"officer": team.second.account, "joins": False}
    done(team.first.post(f"{team.path}/team", leaving))
    assert team.second.get(team.path).status_code == 403


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"step": "guess"}, "body", "must be"),
    ({"said": "x"}, "body", "must name its kind"),
    ({"step": "note", "said": ""}, "note.said", "visible character"),
    ({"step": "note", "said": "x", "state": "refuses"}, "note", "unknown field"),
    ({"step": "verify", "person": "per_x"}, "person", "must be an id"),
    ({"step": "move", "person": "", "state": "answered", "said": "x"}, "state", "no answer"),
    ({"step": "reunion", "person": "", "agreements": ["One"]}, "agreements", "at least two"),
]


@pytest.mark.parametrize(("body", "field", "rule"), BAD)
def test_a_wrong_step_is_refused_by_field_and_rule(
    sqlite_desk: Desk, body: dict[str, Any], field: str, rule: str
) -> None:
    team = Team(sqlite_desk)
    version = team.journal["version"]
    if body.get("person") == "":
        body = body | {"person": team.person}
    stamp = {"If-Match": f'"{version}"'}
    refused(team.first.post(team.path, body, headers=stamp), 422, field, rule)
    assert team.journal["version"] == version


def test_of_two_members_at_once_the_second_reads_again(sqlite_desk: Desk) -> None:
    team = Team(sqlite_desk)
    stamp = {"If-Match": f'"{team.journal["version"]}"'}
    body = {"step": "note", "said": "Asked at the gate."}
    done(team.first.post(team.path, body, headers=stamp))
    assert team.second.post(team.path, body, headers=stamp).status_code == 412


def test_every_step_has_a_flow() -> None:
    from_schema = {one for one in vars(searching).values() if isinstance(one, type)}
    named = {one.__name__ for one in from_schema if one.__name__.endswith("Step")}
    assert len(named) == 14


def test_cases_of_who_leaves_go_to_another(sqlite_desk: Desk) -> None:
    case = sqlite_desk.officer.open_case()
    other = sqlite_desk.caller(Role.TRACING_OFFICER, CASEWORK)
    body = {"leaving": sqlite_desk.officer.account, "officer": other.account}
    assert sqlite_desk.officer.post("/v1/reassignments", body).status_code == 403
    supervisor = sqlite_desk.caller(Role.SUPERVISOR, CASEWORK)
    moved = {"what": "case", "id": case, "left": None}
    assert done(supervisor.post("/v1/reassignments", body)) == {"items": [moved]}
    assert done(other.get(f"/v1/cases/{case}"))["officer"] == other.account


def test_one_sought_person_accompanies_another(sqlite_desk: Desk) -> None:
    sought = sqlite_desk.officer
    request = {"sought": [_sought("Maryam", "mother"), _sought("Reza", "father")]}
    case = sought.open_case(**request)
    file = done(sought.get(f"/v1/cases/{case}/file"))
    mother, father = (one["person"] for one in file["outcomes"])
    body = {"accompanying": mother, "lead": father}
    done(step(sought, "POST", case, "leading", body))
    assert done(sought.get(f"/v1/cases/{case}/file"))["leads"] == [[mother, father]]


def _sought(name: str, relation: str) -> dict[str, Any]:
    return {"relation": relation, "person": {"names": [{"text": f"{name} Hosseini"}]}}
