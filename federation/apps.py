"""Federation: temporary credentials, and the identity providers whose users may have them."""

from importlib import import_module
from pkgutil import iter_modules

from django.apps import AppConfig
from django.db.models.signals import post_delete


class FederationConfig(AppConfig):
    name = "federation"

    def ready(self) -> None:
        """Load every operation module, so that the registry is complete whoever asks first."""
        package = import_module("federation.operations")
        for module in iter_modules(package.__path__):
            import_module(f"federation.operations.{module.name}")
        import_module("federation.containing")
        deleted_keys = import_module("federation.deleted_keys")
        post_delete.connect(deleted_keys.remember, sender="accounts.AccessKey", dispatch_uid="federation.deleted_keys")
