"""The design system: components, lists, forms, the frame around every page."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class PagesConfig(AppConfig):
    name = "pages"

    def ready(self) -> None:
        """Load every app's `navigation.py` (its pages), `searches.py` (what it finds), `reader.py` (how preferences are kept),
        `picks.py` (what forms let choose) and `topics.py` (the help)."""
        autodiscover_modules("navigation", "searches", "reader", "picks", "topics")
