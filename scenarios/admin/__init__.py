"""Scenarios, their sets and where they come from in the admin, one module per page."""

from scenarios.admin import provenance, scenario, sets

__all__ = ["provenance", "scenario", "sets"]
