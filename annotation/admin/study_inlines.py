"""Beside a study's own fields: its groups of annotators, and the people who work on it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import roles
from accounts.models import Role, StudyMembership, User
from annotation.admin.access import user_of
from annotation.admin.line_fields import ConditionsField
from annotation.freezing import frozen_fields
from annotation.models import Stratum, Study


class StratumForm(forms.ModelForm):  # type: ignore[type-arg]
    conditions = ConditionsField(
        label=_("Who belongs here"),
        help_text=_("One question a line: age: 18-29; 30-44. Empty takes everybody who is left."),
    )

    class Meta:
        model = Stratum
        fields = ("key", "label", "conditions", "target", "position")
        help_texts = {
            "target": _("Counted answers per scenario from this group; empty means the study's own number."),
            "position": _("Groups are tried in this order; the first that fits takes the person."),
        }


class FixedStratumForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Stratum
        fields = ("label", "target")
        help_texts = {"target": StratumForm.Meta.help_texts["target"]}


class StratumInline(admin.StackedInline):  # type: ignore[type-arg]
    """Groups are fixed once seats are laid out for them; their targets are not."""

    model = Stratum
    form = StratumForm
    extra = 0
    verbose_name = _("group")
    verbose_name_plural = _("Groups of annotators")

    def get_readonly_fields(self, request: HttpRequest, obj: Study | None = None) -> tuple[str, ...]:
        return ("position", "key", "conditions_in_words") if self._is_fixed(request, obj) else ()

    def get_fields(self, request: HttpRequest, obj: Study | None = None) -> Any:
        who = "conditions_in_words" if self._is_fixed(request, obj) else "conditions"
        return (("key", "label"), who, "target", "position")

    def has_add_permission(self, request: HttpRequest, obj: Study | None = None) -> bool:
        return not self._is_fixed(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Study | None = None) -> bool:
        return obj is None or roles.can(user_of(request), obj, "configure")

    def has_delete_permission(self, request: HttpRequest, obj: Study | None = None) -> bool:
        return self.has_add_permission(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Study | None = None) -> bool:
        return True

    def get_formset(self, request: HttpRequest, obj: Study | None = None, **options: Any) -> Any:
        if self._is_fixed(request, obj):
            options["form"] = FixedStratumForm
        return super().get_formset(request, obj, **options)

    def _is_fixed(self, request: HttpRequest, study: Study | None) -> bool:
        return study is not None and (
            "strata" in frozen_fields(study) or not roles.can(user_of(request), study, "configure")
        )

    @admin.display(description=_("who belongs here"))
    def conditions_in_words(self, group: Stratum) -> str:
        return str(ConditionsField().prepare_value(group.conditions)) or str(_("everybody who is left"))


class MembershipForm(forms.ModelForm):  # type: ignore[type-arg]
    """People are named by their address, so that nobody has to be shown a list of all users."""

    email = forms.EmailField(label=_("E-mail address"))

    class Meta:
        model = StudyMembership
        fields = ("role",)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            self.fields["email"].initial = self.instance.user.email
            self.fields["email"].disabled = True

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if not self.instance.pk:
            user = User.objects.filter(email__iexact=email, is_active=True).first()
            if user is None:
                raise ValidationError(_("Nobody with this address has an account here. Create the account first."))
            self.instance.user = user
        return email


class MembershipFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        super().clean()
        kept = [
            form
            for form in self.forms
            if form.is_valid() and form.instance.user_id and not form.cleaned_data.get("DELETE")
        ]
        people = [form.instance.user_id for form in kept]
        if len(set(people)) < len(people):
            raise ValidationError(_("The same person stands here twice. Everybody has one role in a study."))
        had_owner = any(form.initial.get("role") == Role.OWNER for form in self.initial_forms)
        has_owner = any(form.cleaned_data.get("role") == Role.OWNER for form in kept)
        if had_owner and not has_owner:
            raise ValidationError(_("A study needs an owner. Make somebody else the owner first."))


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    """Who works on the study. Only owners see and change it."""

    model = StudyMembership
    form = MembershipForm
    formset = MembershipFormSet
    fields = ("email", "role")
    extra = 0
    verbose_name = _("team member")
    verbose_name_plural = _("Team")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("user")

    def _may_manage(self, request: HttpRequest, obj: Study | None) -> bool:
        # Without a study Django asks whether the rows may be read at all; which study comes next.
        return obj is None or roles.can(user_of(request), obj, "manage")

    def has_add_permission(self, request: HttpRequest, obj: Study | None = None) -> bool:
        return self._may_manage(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Study | None = None) -> bool:
        return self._may_manage(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Study | None = None) -> bool:
        return self._may_manage(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Study | None = None) -> bool:
        return self._may_manage(request, obj)
