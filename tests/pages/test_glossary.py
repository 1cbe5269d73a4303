"""The same thing has the same word everywhere: a word that the glossary of docs/ui.md sets aside is no heading, label or filter."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

HERE = Path(settings.BASE_DIR)
PACKAGES = ("access", "accounts", "audit", "federation", "governance", "pages", "policies")


def set_aside() -> set[str]:
    """The words of the glossary's last column."""
    table = (HERE / "docs/ui.md").read_text().partition("| Word | What | Not |")[2].partition("\n\n")[0]
    rows = [row.strip("| ").split(" | ") for row in table.splitlines()[2:]]
    return {word.strip() for row in rows for word in row[2].split(",")}


def labels() -> Iterator[tuple[str, str]]:
    for path in (HERE / "templates").rglob("*.html"):
        for text in re.findall(r'(?:translate|_\() ?"([^"]+)"', path.read_text()):
            yield str(path.relative_to(HERE)), text
    for path in (path for package in PACKAGES for path in (HERE / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"_", "gettext", "gettext_lazy"}:
                yield str(path.relative_to(HERE)), str(getattr(node.args[0], "value", ""))


def test_no_label_has_a_word_that_is_set_aside() -> None:
    aside = set_aside()
    assert {"Address", "Account number", "Kind"} <= aside
    found = [f"{path}: {text}" for path, text in labels() if text in aside]
    assert found == ["templates/access/simulator_who.html: Who"]  # the simulator asks who may do what
