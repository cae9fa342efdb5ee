"""People and their tokens in the admin.

Invariant: a token's text is shown once, on the page that answers its making, and never its digest; only
superusers give out the flags and permissions that reach beyond one study.
"""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from accounts import roles
from accounts.models import ApiToken, StudyMembership, User
from accounts.tokens import LONGEST_DAYS, create_token

SITE_WIDE = ("is_staff", "is_superuser", "groups", "user_permissions")


def free_email(email: str, *, but: User | None = None) -> str:
    """The address in lower case. Raises ValidationError where somebody else has it, in whatever case."""
    taken = User.objects.filter(email__iexact=email)
    if but is not None and but.pk is not None:
        taken = taken.exclude(pk=but.pk)
    if taken.exists():
        raise ValidationError(_("Somebody with this e-mail address exists."))
    return email.lower()


class NewUserForm(AdminUserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("email", "name")

    def clean_email(self) -> str:
        return free_email(self.cleaned_data["email"])


class UserForm(UserChangeForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = "__all__"

    def clean_email(self) -> str:
        return free_email(self.cleaned_data["email"], but=self.instance)


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    model = StudyMembership
    extra = 0
    verbose_name = _("role in a study")
    verbose_name_plural = _("roles in studies")


@admin.register(User)
class UserAdmin(BaseUserAdmin):  # type: ignore[type-arg]
    form = UserForm
    add_form = NewUserForm
    inlines = (MembershipInline,)
    ordering = ("email",)
    list_display = ("email", "name", "is_active", "is_staff", "is_superuser", "last_login")
    search_fields = ("email", "name")
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        (
            _("Access"),
            {
                "fields": ("is_active", *SITE_WIDE),
                "description": _(
                    "Roles in single studies are below. The staff flag only opens this admin; superusers may"
                    " do everything. “Can read the data of every study” makes somebody an analyst everywhere."
                ),
            },
        ),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {"classes": ("wide",), "fields": ("email", "name", "usable_password", "password1", "password2")},
        ),
    )
    readonly_fields = ("last_login", "date_joined")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        if request.user.is_superuser:
            return self.readonly_fields
        return (*self.readonly_fields, *SITE_WIDE)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Who may edit users still may not take over a superuser's account."""
        is_above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not is_above and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        is_above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not is_above and super().has_delete_permission(request, obj)


class NewTokenForm(ModelForm):  # type: ignore[type-arg]
    """What a new token is for. Its text is made on saving."""

    chosen_scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=[
            ("read", _("read: everything its user may read")),
            ("release", _("release: publish datasets")),
            ("import", _("import: add scenarios")),
        ],
        initial=["read"],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.IntegerField(label=_("Days until it expires"), min_value=1, max_value=LONGEST_DAYS, initial=30)

    class Meta:
        model = ApiToken
        fields = ("user", "label", "study")


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Made, listed and revoked, never edited. Staff see and make their own; superusers everybody's."""

    form = NewTokenForm
    list_display = ("label", "user", "study", "scopes", "created", "expiry", "last_used_at")
    list_display_links = None
    list_filter = ("scopes",)
    list_select_related = ("user", "study")
    ordering = ("-created",)
    actions = ("revoke",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        tokens = super().get_queryset(request)
        return tokens if request.user.is_superuser else tokens.filter(user_id=request.user.pk)

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        fields = ["label", "study", "chosen_scopes", "days"]
        return ["user", *fields] if request.user.is_superuser else fields

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "study":
            options["queryset"] = roles.studies_for(request.user, "progress")
        return super().formfield_for_foreignkey(db_field, request, **options)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return True

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Revoking replaces the general deletion, whose pages would name the digest."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    @admin.action(description=_("Revoke the selected tokens at once"))
    def revoke(self, request: HttpRequest, tokens: QuerySet[ApiToken]) -> None:
        for token in tokens:
            self.log_deletions(request, tokens.filter(pk=token.pk))
        revoked, _by_model = tokens.delete()
        self.message_user(request, _("%(count)d tokens revoked.") % {"count": revoked})

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        owner = obj.user if request.user.is_superuser else cast(User, request.user)
        made, text = create_token(
            owner,
            study=obj.study,
            scopes=form.cleaned_data["chosen_scopes"],
            days=form.cleaned_data["days"],
            label=obj.label,
        )
        obj.__dict__.update(made.__dict__)
        request.new_token_text = text  # type: ignore[attr-defined]  # shown by `response_add` alone

    def response_add(self, request: HttpRequest, obj: ApiToken, post_url_continue: Any = None) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("A new token for %(user)s") % {"user": obj.user},
            "token": request.new_token_text,  # type: ignore[attr-defined]
            "row": obj,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/accounts/apitoken/created.html", context)
