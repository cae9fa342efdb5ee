"""Studies, participations, decisions and checks in the admin, one module per model."""

from annotation.admin import check_item, event, exclusion, participation, study

__all__ = ["check_item", "event", "exclusion", "participation", "study"]
