"""Studies, participations, decisions and checks in the admin, one module per model."""

from annotation.admin import study

__all__ = ["study"]
