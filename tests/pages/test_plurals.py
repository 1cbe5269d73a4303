"""A number beside a noun has all plural forms of the language: on the server by ngettext, in scripts by forms that the server made."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from pages import plurals
from pages.plurals import plural_forms

HERE = Path(settings.BASE_DIR)
PACKAGES = ("access", "accounts", "api", "audit", "federation", "governance", "pages", "policies")
# A placeholder of a number before a word in the plural.
NUMBER = (
    r"(?:n|number|count|total|most|least|limit|size|days|hours|minutes|seconds|used|more|rows|most_members|further)"
)
BESIDE = re.compile(
    rf"(?<!Line )(?:%\({NUMBER}\)[sd]|\{{\{{ ?{NUMBER} ?\}}\}}|\{{{NUMBER}\}}) +(?:[a-z]+ )?[a-z]{{2,}}(?<!s)s\b"
)
WITHOUT_FORMS = {"gettext", "gettext_lazy", "gettext_noop", "_", "pgettext"}


def singular_texts() -> Iterator[tuple[str, str]]:
    """Every text that is translated in one form only, with the file that it stands in."""
    for path in (path for package in PACKAGES for path in (HERE / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in WITHOUT_FORMS:
                yield str(path.relative_to(HERE)), ast.unparse(node.args[0])
    for path in (HERE / "templates").rglob("*.html"):
        html = path.read_text()
        for text in re.findall(r'{% translate "([^"]*)"', html):
            yield str(path.relative_to(HERE)), text
        for head, text in re.findall(r"{% blocktranslate([^%]*)%}(.*?){% endblocktranslate %}", html, re.DOTALL):
            if " count " not in head:
                yield str(path.relative_to(HERE)), text


def test_no_number_stands_beside_a_noun_of_one_form() -> None:
    found = [f"{path}: {text}" for path, text in singular_texts() if BESIDE.search(text)]
    assert found == []


@pytest.mark.parametrize(
    "text", ["%(n)d users", "{{ days }} days", "%(most)s more characters", "{used} of {number} tags"]
)
def test_such_a_text_is_noticed(text: str) -> None:
    assert BESIDE.search(text)


def test_a_script_gets_all_forms_of_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    def polish(one: str, many: str, number: int) -> str:
        if number == 1:
            return "%s wiersz"
        few = number % 10 in {2, 3, 4} and number % 100 not in {12, 13, 14}
        return "%s wiersze" if few else "%s wierszy"

    plurals._forms.cache_clear()
    monkeypatch.setattr(translation._trans, "ngettext", polish)
    forms = json.loads(plural_forms(rows))
    said = {number: forms["texts"][int(forms["at"][number])] for number in (0, 1, 2, 5, 12, 22, 101, 112)}
    assert said == {
        0: "%s wierszy", 1: "%s wiersz", 2: "%s wiersze", 5: "%s wierszy", 12: "%s wierszy", 22: "%s wiersze",
        101: "%s wierszy", 112: "%s wierszy",
    }  # fmt: skip
    plurals._forms.cache_clear()


def rows(number: int) -> str:
    return translation.ngettext("%s row", "%s rows", number)
