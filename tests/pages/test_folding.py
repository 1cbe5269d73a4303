"""Long lists are folded from six on, and nothing of them is left out."""

import re

import pytest
from django.template import Context, Template
from django.utils.html import strip_tags

from pages.components.folding import SHOWN, folded


def said(markup):
    return re.sub(r"\s+", " ", strip_tags(str(markup).replace("<wbr>", ""))).strip()


@pytest.mark.parametrize("kind", ["row", "lines", "code"])
def test_five_stand_there_and_six_are_folded(kind):
    five, six = [f"item-{n}" for n in range(SHOWN)], [f"item-{n}" for n in range(SHOWN + 1)]
    assert "<details" not in folded(five, kind)
    assert "<details" in folded(six, kind)
    assert "and 1 more" in folded(six, kind)
    before, _mark, after = str(folded(six, kind)).partition("<details")
    assert all(item in before.replace("<wbr>", "") for item in five)
    assert "item-5" in after.replace("<wbr>", "")


def test_the_number_is_of_what_is_folded():
    assert "and 14 more" in said(folded(range(19)))
    assert "and 1,995 more" in said(folded(range(2000)))


def test_a_text_with_commas_is_a_list_and_says_the_same():
    text = ", ".join(f"10.{n}.0.0/16" for n in range(7))
    assert said(folded(text)).replace("and 2 more", ", ") == text
    assert said(folded("a, b")) == "a, b"
    assert said(folded("")) == ""


def test_a_line_with_a_list_is_folded_by_itself():
    line = "aws:SourceIp | IpAddress | " + ", ".join(map(str, range(9)))
    assert folded([line, "None"], "lines").count("<details") == 1


def test_what_is_written_is_escaped():
    assert "<b>" not in folded(["<b>"] * 7, "code", label="<b>")


def test_whoever_hears_the_page_is_told_of_what():
    page = Template('{% folded items label="Actions" %}').render(Context({"items": range(8)}))
    assert "and 3 more: Actions" in said(page)
