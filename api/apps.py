"""The API: AWS's Query protocol over the operations, and authorisation as a service."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"

    def ready(self) -> None:
        """Load the operations of this app, so that the registry is complete whoever asks first."""
        from api import authorise, verify  # noqa: F401, PLC0415 - registered by being imported
