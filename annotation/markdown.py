"""Study texts are Markdown. Raw HTML in them stays text, and links go only where a browser may safely go."""

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_renderer = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")


def render(text: str) -> SafeString:
    html: str = _renderer.render(text)
    return mark_safe(html)  # noqa: S308  (the renderer escapes everything it is given)
