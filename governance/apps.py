"""Governance: who has which credentials, and what they last used them for."""

from importlib import import_module
from pkgutil import iter_modules

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "governance"

    def ready(self) -> None:
        """Load every operation module, so that the registry is complete whoever asks first; and where refusals lead."""
        package = import_module("governance.operations")
        for module in iter_modules(package.__path__):
            import_module(f"governance.operations.{module.name}")
        import_module("governance.asking")  # registers itself
