"""The team of the admin's tests: one person per role, all of them staff, and ways to send the study's form."""

from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import Role, StudyMembership, User
from annotation.models import Study

ROLES = [*Role.values, "outsider"]


def member(study: Study | None, role: str, *, name: str = "") -> User:
    """A staff user with `role` in `study`; an outsider has none, a superuser needs none."""
    email = f"{name or role}@example.net"
    if role == "superuser":
        return User.objects.create_superuser(email)
    user = User.objects.create_user(email, is_staff=True)
    if study is not None and role != "outsider":
        StudyMembership.objects.create(study=study, user=user, role=role)
    return user


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def change_page(study: Study) -> str:
    return reverse("admin:annotation_study_change", args=[study.pk])


def form_data(client: Client, url: str, **changes: Any) -> dict[str, Any]:
    """What a browser would send from the page at `url` if somebody changed `changes` and pressed save."""
    context = client.get(url).context
    data: dict[str, Any] = {"_continue": "1"}
    forms = [context["adminform"].form]
    for formset in context["inline_admin_formsets"]:
        forms += [formset.formset.management_form, *formset.formset.initial_forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is True:
                data[bound.html_name] = "on"
            elif value is not None and value is not False:
                data[bound.html_name] = value
    return {**data, **changes}
