"""The OpenAPI document and the page that shows it.

Invariant: the page loads nothing from elsewhere. Its script sets styles on elements, so this one page, and no
other, allows inline styles.
"""

from typing import Final

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from analysis.api import openapi

INLINE_STYLES: Final = {"style-src": [UNSAFE_INLINE]}

# Importing `openapi` makes our log-in scheme known to the generator.
SCHEMES: Final = (openapi.BearerScheme,)

schema_view = SpectacularAPIView.as_view()
docs_view = csp_update(INLINE_STYLES)(SpectacularSwaggerSplitView.as_view(url_name="schema"))
