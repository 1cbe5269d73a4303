"""Managed policies, their versions and tags."""

from importlib import import_module
from pkgutil import iter_modules

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    name = "policies"

    def ready(self) -> None:
        """Load every operation module, so that the registry is complete whoever asks first; and follow the record."""
        package = import_module("policies.operations")
        for module in iter_modules(package.__path__):
            import_module(f"policies.operations.{module.name}")
        import_module("policies.last_decided")
        import_module("policies.offered")  # what the editor offers
