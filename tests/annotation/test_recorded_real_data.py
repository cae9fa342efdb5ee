"""Real recorded answers: DICES ratings and five Polis conversations come in exactly as published."""

import csv
from collections import Counter
from io import StringIO
from pathlib import Path

import krippendorff
import numpy as np
import pytest
from django.core.management import call_command

from annotation.models import Study
from scenarios.importing import import_file as import_scenarios
from scenarios.models import ScenarioSet
from tests.study_files import as_csv, database_digest, shared, written

pytestmark = pytest.mark.django_db


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("import_responses", *map(str, arguments), stdout=out)
    return out.getvalue()


def study_over(scenarios: list[dict[str, object]], slug: str, folder: Path) -> Study:
    """What somebody with such data does first: a file of scenarios, and a study without a limit that asks them."""
    report = import_scenarios(written(folder, as_csv(scenarios), f"{slug}.csv"), set_name=slug)
    assert not report.issues, list(report.issues)
    study = Study.objects.create(slug=slug, title=slug, quota=None, tasks_per_annotator=1_000)
    study.sets.add(ScenarioSet.objects.get(slug=slug))
    return study


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_dices_ratings_give_their_published_alpha(tmp_path: Path) -> None:
    votes = shared("dices/dices_350_votes.csv")
    items = dict.fromkeys(vote["item_id"] for vote in table(votes))
    study = study_over(
        [
            {
                "key": item,
                "text": f"Item {item}.",
                "action_a": "Safe.",
                "action_b": "Unsafe.",
                "key_a": "safe",
                "key_b": "unsafe",
            }
            for item in items
        ],
        "dices",
        tmp_path,
    )

    printed = run(
        votes,
        "--study",
        "dices",
        "--map",
        "scenario=item_id,participant=rater_pos,choice=Q_overall",
        "--values",
        "Yes=safe,No=unsafe,Unsure=neutral",
    )

    assert "43,050 counted" in printed
    assert "123 participants (123 new), 350 scenarios" in printed
    words = {"Yes": "safe", "No": "unsafe", "Unsure": "neutral"}
    published = Counter((vote["item_id"], words[vote["Q_overall"]]) for vote in table(votes))
    stored = Counter(study.responses.filter(standing="counted").values_list("scenario__key", "choice"))
    assert stored == published
    assert set(study.quotas.values_list("accepted", flat=True)) == {123}
    counts = np.array([[stored[item, choice] for choice in words.values()] for item in items])
    alpha = krippendorff.alpha(value_counts=counts, level_of_measurement="nominal")
    assert alpha == pytest.approx(0.16086021565770392, abs=1e-12)


# The matrix and the vote log of these conversations agree on 1 for agreement and -1 for disagreement.
CHOICES = {"1": "agree", "-1": "disagree", "0": "neutral"}
CONVERSATIONS = {
    "15-per-hour-seattle": (2_995, 339, 54),
    "brexit-consensus": (5_312, 204, 50),
    "canadian-electoral-reform": (12_018, 448, 174),
    "football-concussions": (14_924, 1_487, 298),
    "london.youth.policing": (640, 26, 39),
}


def polis_study(name: str, folder: Path) -> Study:
    scenarios: list[dict[str, object]] = [
        {
            "key": comment["comment-id"],
            # One of the 615 comments has no words.
            "text": comment["comment-body"] or "(empty)",
            "action_a": "I agree.",
            "action_b": "I disagree.",
            "key_a": "agree",
            "key_b": "disagree",
        }
        for comment in table(shared(f"polis/{name}/comments.csv"))
    ]
    return study_over(scenarios, name.replace(".", "-"), folder)


def import_votes(name: str, study: Study) -> None:
    run(
        shared(f"polis/{name}/votes.csv"),
        "--study",
        study.slug,
        "--map",
        "scenario=comment-id,participant=voter-id,choice=vote,answered_at=timestamp",
        "--values=-1=disagree,0=neutral,1=agree",
    )


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_a_polis_conversation_counts_the_last_vote_in_every_cell_and_keeps_every_event(
    name: str, tmp_path: Path
) -> None:
    study = polis_study(name, tmp_path)

    import_votes(name, study)

    answers = study.responses.values_list("participation__identity__person_id", "scenario__key", "choice")
    stands = {(who, comment): choice for who, comment, choice in answers.exclude(standing="replaced")}
    assert stands == published_matrix(name)
    assert set(study.responses.values_list("standing", flat=True)) <= {"counted", "replaced"}
    assert sum(study.quotas.values_list("accepted", flat=True)) == len(stands)
    assert (len(answers), study.participations.count(), study.quotas.count()) == CONVERSATIONS[name]
    events = Counter((comment, choice) for _who, comment, choice in answers)
    assert {key: count for key, count in events.items() if key[1] != "neutral"} == published_counts(name)


def published_matrix(name: str) -> dict[tuple[str, str], str]:
    """The last vote of every participant on every comment."""
    return {
        (line["participant"], comment): CHOICES[vote]
        for line in table(shared(f"polis/{name}/participants-votes.csv"))
        for comment, vote in line.items()
        if comment.isdigit() and vote
    }


def published_counts(name: str) -> dict[tuple[str, str], int]:
    """Votes for and against every comment, changed ones included."""
    counts = {
        (comment["comment-id"], choice): int(comment[f"{choice}s"])
        for comment in table(shared(f"polis/{name}/comments.csv"))
        for choice in ("agree", "disagree")
    }
    return {key: count for key, count in counts.items() if count}


def test_polis_votes_twice_are_polis_votes_once(tmp_path: Path) -> None:
    study = polis_study("london.youth.policing", tmp_path)
    import_votes("london.youth.policing", study)
    before = database_digest()

    import_votes("london.youth.policing", study)

    assert database_digest() == before
