"""How the researchers' pages write numbers. Each filter gives an empty string where there is no value."""

from collections.abc import Mapping

from django import template

from analysis import readings

register = template.Library()


@register.filter
def share(part: float | None) -> str:
    """A part of one as `67 %`."""
    return "" if part is None else readings.percent(part)


@register.filter
def interval(low: float | None, high: float | None) -> str:
    """Two parts of one as `23 – 77 %`."""
    return "" if low is None or high is None else f"{100 * low:.0f} – {100 * high:.0f} %"


@register.filter
def seconds(milliseconds: float | None) -> str:
    return readings.seconds(milliseconds)


@register.filter
def duration(hours: float | None) -> str:
    return "" if hours is None else readings.duration(hours)


@register.filter
def named(key: str, names: Mapping[str, str]) -> str:
    """The name of `key`, or the key itself."""
    return names.get(key, key)
