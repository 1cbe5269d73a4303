"""The living page shows every component, and pages bring nothing of their own besides."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User

TEMPLATES = Path(settings.BASE_DIR) / "templates"
# Parts that recur and stand with their app.
RECURRING = {
    "pages/commands_panel.html",
    "policies/access_changes.html",
    "policies/summary_table.html",
    "django/forms/field.html",
    "django/forms/div.html",
    "django/forms/errors/list/default.html",
}


@pytest.fixture
def shown(root_client: Client, people: list[User]) -> set[str]:
    """The templates of the living page, of its list and of what htmx puts in the list's place."""
    names: set[str] = set()
    fragment: dict[str, Any] = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "list-design-users"}
    preview = {**fragment, "HTTP_HX_TARGET": "list-design-users-preview"}
    lists = (("/design/list/", fragment), (f"/design/list/?preview={people[0].pk}", preview))
    for address, headers in (("/design/", {}), ("/design/?decision=silent", {}), *lists):
        response = root_client.get(address, **headers)
        assert response.status_code == 200
        names |= {str(each.name) for each in response.templates}
    return names


def test_every_component_is_on_the_living_page(shown: set[str]) -> None:
    components = {str(path.relative_to(TEMPLATES)) for path in (TEMPLATES / "components").rglob("*.html")}
    assert sorted((components | RECURRING) - shown) == []


def test_a_style_sheet_or_a_script_of_its_own_is_on_no_page() -> None:
    own = [
        str(path.relative_to(TEMPLATES))
        for path in TEMPLATES.rglob("*.html")
        if path.name != "base_document.html" and re.search(r"<(?:link|style|script)\b| style=", path.read_text())
    ]
    assert own == []


def test_every_style_sheet_is_of_all_pages() -> None:
    linked = set(re.findall(r"css/(\w+\.css)", (TEMPLATES / "base_document.html").read_text()))
    assert linked == {path.name for path in (Path(settings.BASE_DIR) / "static/css").glob("*.css")}
