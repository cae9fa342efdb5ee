"""Who answered, and whether it counts. One module per group of tables; import them from here."""

from annotation.models.answers import Kind, Response, Standing
from annotation.models.ledger import Event, Exclusion
from annotation.models.people import Identity, Participation, Person
from annotation.models.seats import Assignment, Quota
from annotation.models.studies import CheckItem, CheckKind, ConsentText, Order, Provider, Stratum, Study

__all__ = [
    "Assignment",
    "CheckItem",
    "CheckKind",
    "ConsentText",
    "Event",
    "Exclusion",
    "Identity",
    "Kind",
    "Order",
    "Participation",
    "Person",
    "Provider",
    "Quota",
    "Response",
    "Standing",
    "Stratum",
    "Study",
]
