"""The design system: components, lists, forms, the frame around every page."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class PagesConfig(AppConfig):
    name = "pages"

    def ready(self) -> None:
        """Load every app's `navigation.py` (its pages), `searches.py` (what it finds), `reader.py` (how preferences are kept),
        `picks.py` (what forms let choose) and `topics.py` (the help); before the addresses are read, their kinds of name."""
        import_module("pages.entity_names")
        autodiscover_modules("navigation", "searches", "reader", "picks", "topics")
