"""Make an API token from the command line: the token on stdout, everything else on stderr."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from accounts import roles
from accounts.models import Role, StudyMembership, User
from accounts.tokens import SCOPES, InvalidTokenRequest, create_token
from annotation.models import Study


class Command(BaseCommand):
    help = (
        "Prints a new API token, once. An unknown EMAIL becomes a user who can read what the token is for: "
        "the named study, or else every study. An existing user gets a token and no further rights."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--study", metavar="SLUG", help="narrow the token to one study")
        parser.add_argument("--scopes", default="read", help=f"comma-separated, of {', '.join(SCOPES)}")
        parser.add_argument("--days", type=int, default=30, help="until it expires (30)")
        parser.add_argument("--label", default="command line", help="how the token is called in the admin")

    def handle(self, *args: Any, **options: Any) -> None:
        scopes = [scope.strip() for scope in options["scopes"].split(",") if scope.strip()]
        study = self._study(options["study"])
        with transaction.atomic():
            user = self._user(options["email"], study=study, scopes=scopes)
            try:
                _row, token = create_token(
                    user, study=study, scopes=scopes, days=options["days"], label=options["label"]
                )
            except InvalidTokenRequest as refused:
                raise CommandError(str(refused)) from refused
        self._warn_about_missing_rights(user, study=study)
        self.stderr.write(f"Token for {user.email}, valid for {options['days']} days. It is shown only now.")
        self.stdout.write(token)

    def _study(self, slug: str | None) -> Study | None:
        if slug is None:
            return None
        study = Study.objects.filter(slug=slug).first()
        if study is None:
            raise CommandError(f"There is no study '{slug}'.")
        return study

    def _user(self, email: str, *, study: Study | None, scopes: list[str]) -> User:
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"'{email}' is not an e-mail address.") from error
        known = User.objects.filter(email__iexact=email).first()
        if known is not None:
            return known
        user = User.objects.create_user(email)
        self.stderr.write(f"Created the user {user.email}, who has no password.")
        if study is None:
            self._grant_all_studies(user, scopes=scopes)
        else:
            role = role_for(scopes)
            StudyMembership.objects.create(study=study, user=user, role=role)
            self.stderr.write(f"They are {role} of the study {study.slug}.")
        return user

    def _grant_all_studies(self, user: User, *, scopes: list[str]) -> None:
        names = ["read_all_studies", *(["configure_all_studies"] if "import" in scopes else [])]
        granted = Permission.objects.filter(content_type__app_label="accounts", codename__in=names)
        user.user_permissions.add(*granted)
        self.stderr.write(f"They may use every study of this site ({', '.join(names)}).")

    def _warn_about_missing_rights(self, user: User, *, study: Study | None) -> None:
        if not user.is_active:
            self.stderr.write(f"Note: {user.email} is not active, so the token is refused.")
        elif study is not None and not roles.can(user, study, "progress"):
            self.stderr.write(f"Note: {user.email} has no role in {study.slug}; the token sees nothing yet.")


def role_for(scopes: list[str]) -> Role:
    """The smallest role in which a token with these scopes can do what they name."""
    if "import" not in scopes:
        return Role.ANALYST
    return Role.EDITOR if set(scopes) == {"import"} else Role.OWNER
