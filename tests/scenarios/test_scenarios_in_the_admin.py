"""Scenarios in the admin: found and edited, fixed once asked, continued as new versions, with few queries."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts import roles
from accounts.models import Role, StudyMembership, User
from scenarios import access, versions
from scenarios.models import Action, Instrument, Scenario, ScenarioSet, Statement, Trait
from tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

LIST = "admin:scenarios_scenario_changelist"
ADD = "admin:scenarios_scenario_add"
CHANGE = "admin:scenarios_scenario_change"


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("admin@example.net"))
    return client


def staff(email: str = "ed@example.net", *, role: str = "", study: Any = None) -> Client:
    user = User.objects.create_user(email, is_staff=True)
    if role:
        StudyMembership.objects.create(study=study, user=user, role=role)
    client = Client()
    client.force_login(user)
    return client


def change_page(scenario: Scenario) -> str:
    return reverse(CHANGE, args=[scenario.pk])


def form_of(client: Client, url: str, **changes: str) -> dict[str, str]:
    """What a browser sends from the page when somebody makes these changes."""
    context = client.get(url).context
    formsets = [each.formset for each in context["inline_admin_formsets"]]
    forms = [context["adminform"].form]
    for formset in formsets:
        forms += [formset.management_form, *formset.forms]
    data = {}
    for form in forms:
        for bound in form:
            value = bound.value()
            data[bound.html_name] = "" if value is None or value is False else str(value)
    return data | changes


def send(client: Client, url: str, **changes: str) -> Any:
    return client.post(url, form_of(client, url, **changes))


def errors_of(response: Any) -> str:
    assert response.status_code == 200
    return str(response.content.decode())


# Lists


def test_the_list_shows_the_latest_versions_and_finds_words(admin: Client) -> None:
    cast.make_set(scenarios=3)
    versions.make_new(Scenario.objects.get(key="s1"))

    assert admin.get(reverse(LIST)).context["cl"].result_count == 3
    assert admin.get(reverse(LIST), {"versions": "all"}).context["cl"].result_count == 4
    assert admin.get(reverse(LIST), {"q": "situation 2"}).context["cl"].result_count == 1
    assert admin.get(reverse(LIST), {"q": "s3"}).context["cl"].result_count == 1


def test_words_of_every_script_are_found(admin: Client) -> None:
    cast.make_set(scenarios=2)
    Scenario.objects.filter(key="s2").update(blocks=versions.text_blocks("Ein früher Morgen in 東京."))

    assert admin.get(reverse(LIST), {"q": "früher"}).context["cl"].result_count == 1
    assert admin.get(reverse(LIST), {"q": "東京"}).context["cl"].result_count == 1


def test_the_list_can_be_narrowed_to_what_was_asked(admin: Client) -> None:
    cast.make_set(scenarios=3)
    Scenario.objects.filter(key="s1").update(locked_at=cast.NOON)

    assert admin.get(reverse(LIST), {"asked": "yes"}).context["cl"].result_count == 1
    assert admin.get(reverse(LIST), {"asked": "no"}).context["cl"].result_count == 2


@pytest.mark.parametrize("scenarios", [3, 40])
def test_the_list_takes_the_same_few_queries_however_long_it_is(
    admin: Client, scenarios: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    cast.make_set(scenarios=scenarios, trait="empathy")

    with django_assert_max_num_queries(11):
        admin.get(reverse(LIST))


@pytest.mark.parametrize("page", ["scenarioset", "trait", "instrument", "statement"])
@pytest.mark.parametrize("rows", [2, 30])
def test_the_other_lists_do_too(
    admin: Client, page: str, rows: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        cast.make_set(f"set-{number}", scenarios=1, trait=f"trait-{number}")
        instrument = Instrument.objects.create(key=f"i{number}", name=f"Instrument {number}")
        Statement.objects.create(original=f"I do {number}.", instrument=instrument, trait=Trait.objects.first())

    with django_assert_max_num_queries(9):
        response = admin.get(reverse(f"admin:scenarios_{page}_changelist"))

    assert response.context["cl"].result_count == rows


def test_the_list_of_sets_leads_to_their_scenarios(admin: Client) -> None:
    home = cast.make_set(scenarios=3)
    cast.make_set("other", scenarios=2)

    page = admin.get(reverse("admin:scenarios_scenarioset_changelist")).content.decode()

    link = f"{reverse(LIST)}?set__id__exact={home.pk}"
    assert f'<a href="{link}">3</a>' in page
    assert admin.get(link).context["cl"].result_count == 3


# Editing


def test_a_scenario_is_edited_as_text(admin: Client) -> None:
    cast.make_set(scenarios=1)
    scenario = Scenario.objects.get()
    before = scenario.content_hash

    response = send(admin, change_page(scenario), text="Other words.\n\nTwo paragraphs.", tags="work; family; work")

    assert response.status_code == 302, errors_of(response)
    scenario.refresh_from_db()
    assert scenario.text.replace("\r\n", "\n") == "Other words.\n\nTwo paragraphs."
    assert scenario.tags == ["work", "family"]
    assert scenario.content_hash == versions.stored_digest(scenario) != before


def test_a_scenario_is_added_with_its_actions(admin: Client) -> None:
    home = ScenarioSet.objects.create(slug="everyday", name="Everyday")

    response = send(
        admin,
        reverse(ADD),
        set=str(home.pk),
        key="new",
        text="A new situation.",
        **{
            "actions-0-key": "stay",
            "actions-0-text": "You stay.",
            "actions-0-pole": "-1",
            "actions-1-key": "go",
            "actions-1-text": "You go.",
            "actions-1-pole": "1",
        },
    )

    assert response.status_code == 302, errors_of(response)
    scenario = Scenario.objects.get(key="new")
    columns = ("key", "position", "text", "pole")
    assert list(scenario.actions.values_list(*columns)) == [("stay", 0, "You stay.", -1), ("go", 1, "You go.", 1)]
    assert (scenario.version, scenario.is_latest) == (1, True)
    assert scenario.content_hash == versions.stored_digest(scenario)


def test_a_key_that_the_set_has_is_refused(admin: Client) -> None:
    home = cast.make_set(scenarios=2)
    scenario = Scenario.objects.get(key="s2")

    page = errors_of(send(admin, change_page(scenario), key="s1"))

    assert "make a new version" in page
    assert home.scenarios.filter(key="s1").count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"actions-1-DELETE": "on"}, "at least two actions"),
        ({"actions-1-text": "you  HELP (1)."}, "say the same"),
        ({"actions-1-key": "neutral"}, "an answer by itself"),
        ({"actions-1-key": "two words"}, "letters a-z"),
        ({"actions-1-key": "a"}, "duplicate"),
        ({"actions-1-text": "x" * 5_001}, "At most 5000 characters"),
        ({"text": ""}, "required"),
        ({"text": "a\0b"}, "Null characters"),
        ({"text": "x" * 20_001}, "at most 20000 characters"),
        ({"tags": "x" * 61}, "At most 50 tags"),
    ],
)
def test_what_the_importer_would_refuse_is_refused_here(admin: Client, changes: dict[str, str], words: str) -> None:
    cast.make_set(scenarios=1)
    scenario = Scenario.objects.get()

    page = errors_of(send(admin, change_page(scenario), **changes))

    assert words in page
    assert Action.objects.count() == 2


# What was asked


@pytest.fixture
def asked() -> Scenario:
    cast.make_set(scenarios=1, trait="empathy")
    Scenario.objects.update(locked_at=cast.NOON)
    return Scenario.objects.get()


def test_what_was_asked_says_why_it_is_fixed_and_offers_a_new_version(admin: Client, asked: Scenario) -> None:
    response = admin.get(change_page(asked))

    page = response.content.decode()
    assert "A study has asked this version" in page
    assert "Make a new version" in page
    assert set(response.context["adminform"].form.fields) == {"intended_class", "tags", "license"}
    assert not response.context["inline_admin_formsets"][0].has_change_permission


def test_its_description_can_be_corrected_and_its_content_cannot_be_smuggled_in(
    admin: Client, asked: Scenario
) -> None:
    response = send(
        admin, change_page(asked), tags="work", text="Other words.", key="other", **{"actions-0-text": "Other."}
    )

    assert response.status_code == 302
    after = Scenario.objects.get()
    assert (after.tags, after.text, after.key) == (["work"], asked.text, "s1")
    assert after.actions.get(key="a").text == "You help (1)."


def test_it_cannot_be_deleted(admin: Client, asked: Scenario) -> None:
    url = reverse("admin:scenarios_scenario_delete", args=[asked.pk])

    assert admin.post(url, {"post": "yes"}).status_code == 403
    selected = {"action": "delete_selected", "_selected_action": [asked.pk], "post": "yes"}
    admin.post(reverse(LIST), selected)
    assert Scenario.objects.count() == 1


def test_a_new_version_opens_for_editing(admin: Client, asked: Scenario) -> None:
    response = admin.post(reverse("admin:scenarios_scenario_new_version", args=[asked.pk]))

    newer = Scenario.objects.get(version=2)
    assert response["Location"] == change_page(newer)
    assert send(admin, change_page(newer), text="Other words.").status_code == 302
    newer.refresh_from_db()
    assert newer.text == "Other words."


def test_a_second_click_finds_the_version_that_was_made(admin: Client, asked: Scenario) -> None:
    url = reverse("admin:scenarios_scenario_new_version", args=[asked.pk])

    first, second = admin.post(url), admin.post(url)

    assert first["Location"] == second["Location"]
    assert Scenario.objects.count() == 2


def test_a_new_version_is_made_by_post_only(admin: Client, asked: Scenario) -> None:
    assert admin.get(reverse("admin:scenarios_scenario_new_version", args=[asked.pk])).status_code == 405


def test_the_statement_of_what_was_asked_is_fixed_too(admin: Client, asked: Scenario) -> None:
    statement = Statement.objects.create(original="I help.")
    Scenario.objects.update(statement=statement)
    url = reverse("admin:scenarios_statement_change", args=[statement.pk])

    page = admin.get(url)
    admin.post(url, {"original": "I wait.", "reframed": ""})

    assert "its wording stays" in page.content.decode()
    statement.refresh_from_db()
    assert statement.original == "I help."


def test_a_statement_that_exists_word_for_word_is_not_added_again(admin: Client) -> None:
    Statement.objects.create(original="I help.")

    page = errors_of(admin.post(reverse("admin:scenarios_statement_add"), {"original": "I help.", "reframed": ""}))

    assert "exists already" in page


def test_a_key_is_given_once(admin: Client) -> None:
    trait = Trait.objects.create(key="empathy", name="Empathy")
    url = reverse("admin:scenarios_trait_change", args=[trait.pk])

    admin.post(url, {"key": "other", "name": "Feeling with others"})

    trait.refresh_from_db()
    assert (trait.key, trait.name) == ("empathy", "Feeling with others")


# Who


def test_the_roles_that_write_are_those_that_configure() -> None:
    assert set(access.WRITING_ROLES) == {
        role for role, rights in roles.RIGHTS_OF_ROLE.items() if "configure" in rights
    }
    assert "configure" in roles.RIGHTS_OF_PERMISSION[access.EVERYWHERE]


@pytest.mark.parametrize("role", [Role.OWNER, Role.EDITOR])
def test_who_configures_every_study_of_a_set_may_change_its_scenarios(role: str) -> None:
    study = cast.make_study(scenarios=1, is_open=False)
    client = staff(role=role, study=study)

    response = send(client, change_page(Scenario.objects.get()), text="Other words.")

    assert response.status_code == 302
    assert Scenario.objects.get().text == "Other words."


def test_a_set_that_somebody_elses_study_uses_too_is_only_read() -> None:
    study, other = cast.make_study(scenarios=1, is_open=False), cast.make_study("other", scenarios=1, is_open=False)
    other.sets.add(study.sets.get())
    client = staff(role=Role.OWNER, study=study)
    scenario = Scenario.objects.get(set=study.sets.get())

    page = client.get(change_page(scenario))
    client.post(change_page(scenario), {"text": "Other words."})

    assert page.status_code == 200
    assert not page.context["has_change_permission"]
    scenario.refresh_from_db()
    assert scenario.text != "Other words."
    assert client.post(reverse("admin:scenarios_scenario_new_version", args=[scenario.pk])).status_code == 404


@pytest.mark.parametrize("role", [Role.ANALYST, Role.VIEWER, ""])
def test_others_have_no_content_pages(role: str) -> None:
    study = cast.make_study(scenarios=1)
    client = staff(role=role, study=study)

    for page in ("scenario", "scenarioset", "trait", "instrument", "statement"):
        assert client.get(reverse(f"admin:scenarios_{page}_changelist")).status_code == 403
    assert client.get(change_page(Scenario.objects.get())).status_code == 403
    assert client.get(reverse("admin:scenarios_scenarioset_import")).status_code == 404


def test_editors_add_no_traits_and_no_sets() -> None:
    client = staff(role=Role.EDITOR, study=cast.make_study(scenarios=1))

    for page in ("trait", "instrument", "statement", "scenarioset", "scenario"):
        assert client.get(reverse(f"admin:scenarios_{page}_changelist")).status_code == 200
        assert client.get(reverse(f"admin:scenarios_{page}_add")).status_code == 403
