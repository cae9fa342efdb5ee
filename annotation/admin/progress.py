"""How far studies are, in numbers, for a whole list of studies in one query."""

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from annotation.models import Participation, Quota, Study


def with_numbers(studies: QuerySet[Study]) -> QuerySet[Any]:
    """Each study with `accepted`, `reserved`, `target` (None: no row has one), `unlimited`, `active`, `completed`."""
    seats = Quota.objects.filter(study=OuterRef("pk")).order_by().values("study")
    people = Participation.objects.filter(study=OuterRef("pk"), is_pilot=False).order_by().values("study")
    return studies.annotate(
        accepted=_number(seats.annotate(n=Sum("accepted"))),
        reserved=_number(seats.annotate(n=Sum("reserved"))),
        target=Subquery(seats.annotate(n=Sum("target")).values("n"), output_field=IntegerField()),
        unlimited=_number(seats.annotate(n=Count("id", filter=Q(target=None)))),
        active=_number(people.annotate(n=Count("id", filter=Q(state="active")))),
        completed=_number(people.annotate(n=Count("id", filter=Q(state="completed")))),
    )


def _number(rows: QuerySet[Any, Any]) -> Coalesce:
    return Coalesce(Subquery(rows.values("n"), output_field=IntegerField()), 0)


def bar(study: Any) -> SafeString:
    """Accepted of wanted answers, as words and as a bar; where there is no limit, as words only."""
    if study.unlimited or not study.target:
        if not study.unlimited:
            return format_html('<span class="quiet">{}</span>', _("no seats yet"))
        return format_html('<span class="figure">{}</span> {}', f"{study.accepted:,}", _("answers, no limit"))
    words = _("%(accepted)s of %(target)s") % {
        "accepted": f"{study.accepted:,}",
        "target": f"{study.target:,}",
    }
    return format_html(
        '<progress class="study-progress" value="{}" max="{}" aria-label="{}"></progress>'
        ' <span class="figure">{}</span>',
        study.accepted,
        study.target,
        words,
        words,
    )
