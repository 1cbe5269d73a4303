"""The design system: components, lists, forms, the frame around every page."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class PagesConfig(AppConfig):
    name = "pages"

    def ready(self) -> None:
        """Load every app's `navigation.py`, `searches.py` and `reader.py`, where pages, searches and the keeping of preferences are registered."""
        autodiscover_modules("navigation", "searches", "reader")
