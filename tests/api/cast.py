"""The studies and people that the tests of the API know, and how a program asks for them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from accounts.models import Role, StudyMembership, User
from accounts.tokens import create_token
from analysis.models import Agreement, Distribution, Freshness
from annotation.models import (
    CheckItem,
    Exclusion,
    Identity,
    Participation,
    Person,
    Quota,
    Response,
    Stratum,
    Study,
)
from scenarios.models import Action, Scenario, ScenarioSet, Trait

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
RECRUITER_ID = "RECRUITER-KNOWS-ME-5f2c"
QUESTIONS = [
    {"key": "age", "label": "How old are you?", "type": "single", "options": ["18-29", "30-44"]},
    {"key": "years", "label": "Years in this country", "type": "number"},
    {"key": "languages", "label": "Languages", "type": "multiple", "options": ["de", "ar"]},
]


def a_study(slug: str = "kindness", *, scenarios: int = 3, quota: int | None = 10) -> Study:
    """An open study of `scenarios` scenarios named s1, s2 ..., with one stratum and empty seats."""
    study = Study.objects.create(slug=slug, title=slug.title(), state="open", quota=quota, about_you=QUESTIONS)
    trait, _new = Trait.objects.get_or_create(key="empathy", defaults={"name": "Empathy"})
    scenario_set = ScenarioSet.objects.create(slug=f"{slug}-set", name=f"{slug} set")
    study.sets.add(scenario_set)
    stratum = Stratum.objects.create(study=study, key="all")
    for number in range(1, scenarios + 1):
        scenario = Scenario.objects.create(
            set=scenario_set,
            key=f"s{number}",
            blocks=[{"type": "text", "text": f"Situation {number}."}],
            trait=trait,
            tags=["work"],
            content_hash=f"{slug}-{number}",
        )
        Action.objects.create(scenario=scenario, key="a", position=0, text="You help.", pole=1)
        Action.objects.create(scenario=scenario, key="b", position=1, text="You leave.", pole=-1)
        Quota.objects.create(study=study, scenario=scenario, stratum=stratum, position=number, target=quota)
    return study


def a_person(study: Study, *, name: str = "ada", **values: Any) -> Participation:
    """Somebody in the middle of `study`; their recruiter's id is planted where only `Identity` may hold it."""
    person = Person.objects.create(digest=f"{study.slug}-{name}")
    participation = Participation.objects.create(
        study=study,
        person=person,
        arrival_digest=f"{study.slug}-{name}",
        stratum=study.strata.first(),
        seed=1,
        arrived_at=NOON,
        last_seen_at=NOON,
        **{"state": "completed", "profile": {"age": "18-29"}, **values},
    )
    Identity.objects.create(
        participation=participation,
        provider="prolific",
        person_id=f"{RECRUITER_ID}-{study.slug}-{name}",
        session_id=f"{RECRUITER_ID}-session-{study.slug}-{name}",
        parameters={"PROLIFIC_PID": RECRUITER_ID},
    )
    return participation


def an_answer(
    person: Participation, scenario: str = "s1", *, choice: str = "a", minute: int = 0, **values: Any
) -> Response:
    """A counted answer of `person`, given `minute` minutes after noon, unless `values` say otherwise."""
    asked = Scenario.objects.get(key=scenario, set__studies=person.study)
    quota = Quota.objects.get(study=person.study, scenario=asked)
    plain = {
        "stratum": person.stratum,
        "quota": quota,
        "kind": "task",
        "standing": "counted",
        "position": minute + 1,
        "side": "first",
        "order_shown": ["a", "b"],
        "response_ms": 1_000 + minute,
        "answered_at": NOON + timedelta(minutes=minute),
    }
    return Response.objects.create(
        study=person.study,
        participation=person,
        person=person.person,
        scenario=asked,
        choice=choice,
        **{**plain, **values},
    )


def a_check(person: Participation) -> Response:
    """An answer to an attention check; no list of judgements may show it."""
    item, _new = CheckItem.objects.get_or_create(
        key="look", defaults={"kind": "instructed", "text": "Choose b.", "options": []}
    )
    return Response.objects.create(
        study=person.study,
        participation=person,
        person=person.person,
        check_item=item,
        kind="check",
        standing="unscored",
        choice="b",
        answered_at=NOON,
    )


def a_distribution(study: Study, scenario: str = "s1", **values: Any) -> Distribution:
    plain = {
        "counts": {"a": 7, "b": 2, "neutral": 1, "not_applicable": 0},
        "n": 10,
        "weighted_n": 10.0,
        "share_positive": 0.75,
        "low": 0.44,
        "high": 0.92,
        "majority": "a",
        "agreement": 0.75,
        "p_majority": 0.94,
        "entropy_bits": 1.15,
        "consensus": "lower",
        "consensus_posterior": "leaning",
        "median_response_ms": 1500.0,
        "revision": 10,
        "updated_at": NOON,
    }
    asked = Scenario.objects.get(key=scenario, set__studies=study)
    return Distribution.objects.create(study=study, scenario=asked, **{**plain, **values})


def an_agreement(study: Study, **values: Any) -> Agreement:
    plain = {
        "slice": "all",
        "coefficient": "krippendorff_alpha_nominal",
        "estimate": 0.16,
        "low": 0.12,
        "high": 0.21,
        "n_scenarios": 3,
        "n_responses": 30,
        "method": "bootstrap over scenarios, 1000 replicates, seed 1",
        "updated_at": NOON,
    }
    return Agreement.objects.create(study=study, **{**plain, **values})


def a_lively_study(slug: str = "kindness", *, people: int = 2, scenarios: int = 3) -> Study:
    """A study with every kind of record in it: `people` who answered everything, and one of each exception."""
    study = a_study(slug, scenarios=scenarios)
    for number in range(people):
        person = a_person(study, name=f"person-{number}")
        for place in range(scenarios):
            an_answer(person, f"s{place + 1}", minute=place)
        an_answer(person, "s1", minute=scenarios, kind="repeat", standing="unscored", quota=None)
        a_check(person)
    excluded = a_person(study, name="excluded", included=False)
    left_out = an_answer(excluded, standing="excluded")
    an_exclusion(study, participation=excluded)
    an_exclusion(study, response=left_out, reason="one_bad_answer", revoked_at=NOON)
    for place in range(scenarios):
        a_distribution(study, f"s{place + 1}")
    an_agreement(study)
    Freshness.objects.create(study=study, refreshed_at=NOON)
    return study


def an_exclusion(study: Study, **values: Any) -> Exclusion:
    return Exclusion.objects.create(study=study, **{"reason": "too_fast", "decided_at": NOON, **values})


def a_user(email: str = "ana@example.org", *, study: Study | None = None, role: str = "", **flags: Any) -> User:
    user = User.objects.create_user(email, **flags)
    if study is not None:
        StudyMembership.objects.create(study=study, user=user, role=role or Role.ANALYST)
    return user


@dataclass
class Program:
    """A program with a token, asking the API."""

    token: str
    client: Client = field(default_factory=Client)

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers)

    def post(self, path: str, body: bytes = b"", *, content_type: str = "text/csv", **headers: str) -> Any:
        return self.client.post(
            f"/api/v1/{path}", body, content_type=content_type, headers={**self.headers, **headers}
        )

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def a_program(user: User, *, study: Study | None = None, scopes: str = "read") -> Program:
    _row, text = create_token(user, study=study, scopes=scopes.split(","), days=1, label="test")
    return Program(text)


def body_of(response: Any) -> bytes:
    """The whole answer, streamed or not."""
    return b"".join(response.streaming_content) if response.streaming else bytes(response.content)
