"""Who may do what: effective policies, Callers, and the simulator."""

from importlib import import_module
from pkgutil import iter_modules

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "access"

    def ready(self) -> None:
        """Load every operation module, so that the registry is complete whoever asks first; and what answers for lower apps."""
        package = import_module("access.operations")
        for module in iter_modules(package.__path__):
            import_module(f"access.operations.{module.name}")
        for name in (
            "access.absent",
            "access.assuming",
            "access.chaining",
            "access.live_consequences",
            "access.replay.answer",
            "access.replay.uses",
            "access.trust_changes",
        ):
            import_module(name)  # registers itself
