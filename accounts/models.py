"""People who log in: users, what they may do in a study, and the tokens they hand to programs.

Annotators are not here: a pass through a study is `annotation.Participation`, without a password.
"""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken, AuthTokenManager


class UserManager(BaseUserManager["User"]):
    """Creates users by e-mail address; addresses are compared without regard to case."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractUser):
    """Somebody who configures studies or reads their data, known by e-mail address."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()  # type: ignore[assignment, misc]

    class Meta(AbstractUser.Meta):
        # Rights in every study, those of tomorrow included; `accounts.roles` says what they allow.
        permissions: ClassVar = [
            ("read_all_studies", _("Can read the data of every study and publish releases")),
            ("configure_all_studies", _("Can configure every study and import scenarios into it")),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @cached_property
    def roles_held(self) -> frozenset[str]:
        """The roles this person has in any study at all; read once per user object, so once per request."""
        return frozenset(self.memberships.order_by().values_list("role", flat=True).distinct())

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name or self.email


class Role(models.TextChoices):
    """What somebody may do in one study; `accounts.roles` holds the table of rights."""

    OWNER = "owner", _("owner: everything")
    EDITOR = "editor", _("editor: configure and review")
    ANALYST = "analyst", _("analyst: read data, publish releases")
    VIEWER = "viewer", _("viewer: progress only")


class StudyMembership(models.Model):
    """One person's role in one study."""

    study = models.ForeignKey("annotation.Study", on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.VIEWER)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["study", "user"], name="one_role_per_person_and_study"),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.role}"


class TokenManager(AuthTokenManager, models.Manager["ApiToken"]):  # type: ignore[misc]  # knox ships no types
    """Knox's, which makes the token and stores its digest."""


class ApiToken(AbstractAuthToken, models.Model):  # type: ignore[misc]  # knox ships no types
    """A program's key: stored as a digest, narrowed to scopes and (if set) to one study, with an end."""

    label = models.CharField(max_length=80, blank=True)
    study = models.ForeignKey(
        "annotation.Study", null=True, blank=True, on_delete=models.CASCADE, related_name="api_tokens"
    )
    scopes = models.CharField(max_length=80, default="read", help_text=_("Of: read, release, import."))
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = TokenManager()

    class Meta:
        verbose_name = _("API token")

    def __str__(self) -> str:
        return f"{self.label or 'token'} {self.token_key[:4]}… of {self.user}"

    def allows(self, scope: str) -> bool:
        return scope in self.scopes.split(",")
