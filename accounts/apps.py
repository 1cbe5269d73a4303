"""Accounts: users, groups, roles and their credentials."""

from importlib import import_module
from pkgutil import iter_modules

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        """Load every operation module, so that the registry is complete whoever asks first; and what the editor offers."""
        package = import_module("accounts.operations")
        for module in iter_modules(package.__path__):
            import_module(f"accounts.operations.{module.name}")
        import_module("accounts.offered")  # what the policy editor offers
        import_module("accounts.trust_words")  # what it says beside them
        import_module("accounts.form_drafts")  # what is being written into forms
        import_module("accounts.proposal_notices")  # whom an answered proposal is told to
        import_module("accounts.shared_filters")  # what lists show beside the reader's own filters
