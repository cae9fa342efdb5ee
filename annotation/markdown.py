"""Study texts are Markdown. Raw HTML in them stays text, and links go only where a browser may safely go."""

from functools import lru_cache

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_renderer = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")


@lru_cache(maxsize=256)
def render(text: str) -> SafeString:
    """The HTML of a study's text; the same few texts are asked for again and again."""
    html: str = _renderer.render(text)
    return mark_safe(html)  # noqa: S308  (the renderer escapes everything it is given)
