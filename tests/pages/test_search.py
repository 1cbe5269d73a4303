"""The search over everything: the kind with the best hit comes first."""

import pytest

from operations.caller import Caller
from pages import search
from pages.search import Hit


@pytest.fixture
def finders(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {
        "policies": ("Policies", "policy", lambda caller, text, limit: [Hit("CentralBenefits", "/p/")]),
        "tags": ("Tagged", "tag", lambda caller, text, limit: [Hit("dora", "/t/", "team=ben")]),
        "users": ("Users", "user", lambda caller, text, limit: [Hit("rubens", "/u/2"), Hit("ben.whitfield", "/u/1")]),
        "groups": ("Groups", "group", lambda caller, text, limit: []),
    }
    monkeypatch.setattr(search, "_finders", found)


def test_names_that_begin_with_the_text_come_before_those_that_have_it(admin: Caller, finders: None) -> None:
    assert [str(group.title) for group in search.search(admin, "ben")] == ["Users", "Policies", "Tagged"]


def test_kinds_that_fit_as_well_keep_their_order(admin: Caller, finders: None) -> None:
    assert [str(group.title) for group in search.search(admin, "be")] == ["Users", "Policies", "Tagged"]
    assert [str(group.title) for group in search.search(admin, "xx")] == ["Policies", "Tagged", "Users"]
