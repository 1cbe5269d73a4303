"""Tags as the lines of a text."""

import pytest

from policies.tag_lines import as_lines, pair_of


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("team", "mobile"),
        ("team", ""),
        ("a=b", "c"),
        ("=", "="),
        ("==", "a = b"),
        ("url", "https://example.com/?a=b&c=d"),
        ("back", "slash\\=equals"),
        ("Straße", "Größe 5"),
    ],
)
def test_a_tag_comes_back_as_it_went(key, value):
    assert pair_of(as_lines([(key, value)])) == (key, value)


@pytest.mark.parametrize(
    ("line", "pair"),
    [
        ("team", ("team", "")),
        ("team=mobile", ("team", "mobile")),
        ("  team  =  mobile  ", ("team", "mobile")),
        ("= alone", ("", "alone")),
        (r"a\=b = c=d", ("a=b", "c=d")),
        (r"a\=b", ("a=b", "")),
    ],
)
def test_a_line_is_read_as_people_write_it(line, pair):
    assert pair_of(line) == pair


def test_each_tag_has_its_line():
    assert as_lines([("a", "1"), ("b=c", "")]) == "a = 1\nb\\=c = "
