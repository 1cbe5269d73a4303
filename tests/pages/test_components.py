"""Components: what they say, what they escape, what they show to whom."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from django.template import Context, Template
from django.utils import timezone

from accounts.models import User
from engine import Principal
from pages import cli, times
from pages.components.shell import grouped, short_arn
from pages.components.source import coloured, diff, lines_of
from pages.components.words import breakable, moment, slashes, status
from pages.diff import line_diff
from pages.icons import ICONS, icon
from tests.every_page import pages, populate
from tests.signing_in import sign_in

EVIL = '<img src=x onerror=alert(1)>"'
VOID = {"meta", "link", "input", "br", "hr", "wbr", "img", "path", "circle", "rect"}


class Balanced(HTMLParser):
    """Fails on a tag that is closed without having been opened, or never closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def render(text: str, /, **values: Any) -> str:
    html = Template(text).render(Context(values))
    parser = Balanced()
    parser.feed(html)
    assert parser.open == []
    assert "<img" not in html
    return html


@pytest.mark.parametrize(
    "text",
    [
        "{% page_header evil count=evil lead=evil %}{{ evil }}{% endpage_header %}",
        "{% crumbs evil evil evil %}",
        "{% card evil count=evil lead=evil id='x' %}{{ evil }}{% slot 'actions' %}{{ evil }}{% endslot %}{% endcard %}",
        "{% tabs evil %}{% tab evil evil count=evil %}{% endtabs %}",
        "{% status 'allowed' evil pill=True %}{% badge evil evil %}{% copyable evil label=evil shown=evil %}",
        "{% key_values %}{% kv evil %}{{ evil }}{% endkv %}{% endkey_values %}",
        "{% callout 'error' evil dismiss=True live=True %}{{ evil }}{% endcallout %}",
        "{% empty_state evil %}{{ evil }}{% slot 'actions' %}{{ evil }}{% endslot %}{% endempty_state %}",
        "{% dialog 'x' evil %}{{ evil }}{% enddialog %}{% side_panel 'y' evil %}{{ evil }}{% endside_panel %}",
        "{% menu evil %}{{ evil }}{% endmenu %}{% menu evil icon='more' bare=True %}{{ evil }}{% endmenu %}",
        "{% disclosure evil %}{{ evil }}{% enddisclosure %}{% table evil %}<tbody></tbody>{% endtable %}",
        "{% steps evil %}{% step evil 'done' evil evil %}{% step evil 'current' %}{% endsteps %}",
        "{% code evil label=evil %}{% code evil language='json' hit='1' %}",
        "{% diff evil 'b' label=evil before_label=evil after_label=evil %}{% changes before after %}",
        "{% cli_command 'iam:CreateUser' params %}",
        "{% bars rows evil %}{% donut rows evil %}{% sparkline numbers evil %}{% meter 3 4 evil %}",
        "{% action evil evil kind=evil %}{% action evil evil blocked=evil %}",
    ],
)
def test_nothing_that_is_typed_becomes_markup(text: str) -> None:
    html = render(
        text,
        evil=EVIL,
        rows=[(EVIL, 3), (EVIL, 0)],
        numbers=[1, 2],
        before={EVIL: EVIL},
        after={"b": EVIL},
        params={"user_name": EVIL},
    )
    assert "&lt;img" in html


def test_slots_land_in_their_own_component() -> None:
    html = render(
        "{% card 'outer' %}{% slot 'actions' %}A{% endslot %}{% card 'inner' %}{% slot 'actions' %}B{% endslot %}x{% endcard %}{% endcard %}"
    )
    assert html.index("outer") < html.index("A") < html.index("inner") < html.index("B") < html.index("x")
    assert "\x02" not in html


def test_every_outcome_has_its_own_icon_and_word() -> None:
    seen = {
        render("{% status kind %}", kind=kind)
        for kind in ("allowed", "explicitDeny", "implicitDeny", "warning", "info", "neutral")
    }
    assert len({html.split("<svg")[1].split("</svg>")[0] for html in seen}) == 6
    assert len({html.split("</svg>")[1] for html in seen}) == 6
    with pytest.raises(KeyError):
        render("{% status 'denied' %}")


@pytest.mark.parametrize("name", ICONS)
def test_icons_are_hidden_or_named(name: str) -> None:
    assert 'aria-hidden="true"' in icon(name)
    assert 'role="img" aria-label="Named"' in icon(name, "Named")


class Caller:
    """Allowed one action on one resource; nobody in particular, who has no requests."""

    principal = Principal.from_arn(None)

    def may(self, action: str, resource: str = "*", context: Mapping[str, str] | None = None) -> bool:
        return (action, resource) == ("iam:CreateUser", "*") or (context or {}).get("aws:ResourceTag/team") == action

    def may_somehow(self, action: str, on: str = "*") -> bool:
        return self.may(action, on)


def test_an_action_follows_the_callers_policies() -> None:
    text = "{% action 'Create' '/x/' permission=p explain=e %}"
    assert 'href="/x/"' in render(text, caller=Caller(), p="iam:CreateUser", e=False)
    assert render(text, caller=Caller(), p="iam:DeleteUser", e=False) == ""
    assert render(text, caller=None, p="iam:CreateUser", e=False) == ""
    explained = render(text, caller=Caller(), p="iam:DeleteUser", e=True)
    assert 'aria-disabled="true"' in explained
    assert "Needs iam:DeleteUser" in explained
    assert "href" not in explained


def test_the_current_tab_is_marked_once() -> None:
    html = render("{% tabs 'T' %}{% tab 'A' '/a/' key='a' %}{% tab 'B' '/b/' key='b' count=0 %}{% endtabs %}", tab="b")
    assert html.count("aria-current") == 1
    assert html.index('href="/b/" aria-current="page"') > 0
    assert ">0<" in html


def test_a_tab_keeps_its_width_when_it_becomes_the_current_one() -> None:
    """The style sheet lays the bold text below it, out of sight; the rest of the row stays where it is."""
    html = render("{% tabs 'T' %}{% tab name '/a/' key='a' %}{% endtabs %}", name="A & B")
    assert "<span>A &amp; B</span>" in html


def test_the_name_of_an_entity_breaks_at_its_humps() -> None:
    html = render("{% entity 'AdministratorAccess' '/x/' permission='iam:CreateUser' on='*' %}", caller=Caller())
    assert html == '<a class="name" href="/x/">Administrator<wbr>Access</a>'
    html = render("{% entity 'GetAll' '/x/' permission='iam:DeleteUser' on='*' %}", caller=Caller())
    assert html == '<span class="name">Get<wbr>All</span>'


@pytest.mark.parametrize(
    ("arguments", "is_there"),
    [
        ("", True),
        ("permission='iam:CreateUser'", True),
        ("permission='iam:CreateUser' on='arn:x'", False),
        ("permission='iam:CreateUser iam:DeleteUser'", False),
        ("permission='iam:CreateUser' also='iam:CreateUser'", True),
        ("permission='iam:CreateUser' also='iam:DeleteUser'", False),
        ("also='iam:CreateUser'", True),
        ("permission='blue' on='arn:x' tags=tags", True),
        ("permission='red' on='arn:x' tags=tags", False),
    ],
)
def test_a_tab_follows_the_callers_policies(arguments: str, is_there: bool) -> None:
    text = "{% tab 'A' '/a/' key='a' " + arguments + " %}"
    tags = [SimpleNamespace(key="team", value="blue")]
    assert ('href="/a/"' in render(text, caller=Caller(), tags=tags)) is is_there
    assert 'href="/a/"' in render(text, caller=Caller(), tab="a", tags=tags)  # the page's own tab
    assert ('href="/a/"' in render(text, caller=None, tags=tags)) is (not arguments)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (5, "just now"), (-5, "in a moment"), (60, "1 minute ago"), (119, "2 minutes ago"), (3600, "1 hour ago"), (7300, "2 hours ago"),
        (86400 * 8, "8 days ago"), (-86400 * 3, "in 3 days"), (86400 * 59, "59 days ago"),
    ],
)  # fmt: skip
def test_how_long_ago(seconds: int, text: str) -> None:
    now = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
    assert times.ago(now - timedelta(seconds=seconds), now) == text


def test_long_ago_is_a_date_and_exact_times_name_both_zones() -> None:
    then = datetime(2024, 2, 29, 23, 30, tzinfo=UTC)
    assert times.ago(then) == "29 Feb 2024"
    assert times.exact(then) == "2024-02-29 23:30:00 UTC"
    with timezone.override("Europe/Berlin"):
        assert times.exact(then) == "2024-02-29 23:30:00 UTC\n2024-03-01 00:30:00 Europe/Berlin"
        assert times.ago(then) == "1 Mar 2024"


def test_a_missing_moment_says_so() -> None:
    assert "Never" in moment(None, "Never")
    assert "tabindex" not in moment(timezone.now(), quiet=True)
    assert "tabindex" in moment(timezone.now())


def test_json_is_coloured_and_stays_the_same_text() -> None:
    line = '  "Action": ["s3:Get*", "a\\"b"], "n": 12, "t": true'
    html = coloured(line)
    assert '<span class="k">&quot;Action&quot;</span>' in html
    assert '<span class="n">true</span>' in html
    import re
    from html import unescape

    assert unescape(re.sub(r"</?span[^>]*>", "", html)) == line


def test_lines_are_marked() -> None:
    assert list(lines_of("3-5,9")) == [3, 4, 5, 9]
    assert list(lines_of("")) == []
    html = render("{% code text hit='2' kind='allowed' %}", text="a\nb\nc")
    assert '<span>a</span><span class="hit allowed">b</span><span>c</span>' in html


def test_json_in_one_line_is_laid_out_unless_its_lines_are_marked() -> None:
    text = '{"Version":"2012-10-17"}'
    laid_out = render("{% code text language='json' %}", text=text)
    assert laid_out.partition("<pre")[2].count("<span>") == 3
    marked = render("{% code text language='json' hit='1' %}", text=text)
    assert 'class="hit' in marked
    assert 'data-copy="{&quot;Version&quot;:&quot;2012-10-17&quot;}"' in marked


def test_a_difference_of_json_in_one_line_is_one_of_its_parts() -> None:
    before, after = '{"a":"b","c":"d"}', '{"a":"b","c":"e"}'
    html = render("{% diff before after %}", before=before, after=after)
    assert html.count('<tr class="same">') == 3
    assert html.count('<tr class="removed">') == 1
    assert "Both are the same." in render("{% diff before after %}", before=before, after='{\n"a": "b",\n"c": "d"\n}')


def test_names_break_at_their_humps() -> None:
    assert breakable("s3:GetObjectACL") == "s3:<wbr>Get<wbr>ObjectACL"
    assert breakable("AIDAWLKRDEQI7AQXY2AUM") == "AIDAWLKRDEQI7AQXY2AUM"


def test_only_addresses_break_in_a_sentence() -> None:
    said = "arn:aws:iam::123456789012:user/ops/ann may not do iam:GetUser on policy path / or <b>"
    assert slashes(said) == (
        "arn:aws:iam::123456789012:user/<wbr>ops/<wbr>ann may not do iam:GetUser on policy path / or &lt;b&gt;"
    )


def test_only_a_long_status_takes_several_lines_on_a_narrow_screen() -> None:
    assert "long" not in status("explicitDeny", "Would be denied")
    assert 'class="status warning long"' in status("warning", "The account demands a second factor")


def test_a_difference_keeps_numbers_folds_and_marks_words() -> None:
    before = "\n".join(f"line {number}" for number in range(20))
    lines = line_diff(before, before.replace("line 10", "line ten"))
    assert [line.kind for line in lines] == [
        "gap",
        "same",
        "same",
        "same",
        "removed",
        "added",
        "same",
        "same",
        "same",
        "gap",
    ]
    assert (lines[4].before, lines[5].after) == (11, 11)
    assert lines[4].text == "line <del>10</del>"
    assert lines[5].text == "line <ins>ten</ins>"
    assert "7 unchanged lines" in lines[0].text


def test_texts_that_repeat_themselves_are_compared_in_bounded_time():
    """What stayed at both ends is still seen; between them nothing is searched for."""
    before, after = "head\n" + "}\n" * 5000 + "tail", "head\n" + "{\n" + "}\n" * 5000 + "more\ntail"
    lines = line_diff(before, after)
    assert [line.text for line in (lines[0], lines[-1])] == ["head", "tail"]
    assert sum(line.kind == "added" for line in lines) - sum(line.kind == "removed" for line in lines) == 2
    words = line_diff("a b " * 1000, "b a " * 1000)
    assert [line.kind for line in words] == ["removed", "added"]


def test_a_difference_of_unlike_lines_marks_them_whole() -> None:
    lines = line_diff("alpha", "<script>")
    assert [line.text for line in lines] == ["alpha", "&lt;script&gt;"]
    assert [line.kind for line in line_diff("same", "same")] == ["same"]


def test_lines_that_are_indented_otherwise_are_the_same():
    lines = line_diff('{\n  "a": 1,\n  "b": 2\n}', '{\n    "a": 1,\n    "b": 3\n}')
    assert [(line.kind, line.text) for line in lines] == [
        ("same", "{"),
        ("same", "    &quot;a&quot;: 1,"),
        ("removed", "  &quot;b&quot;: <del>2</del>"),
        ("added", "    &quot;b&quot;: <ins>3</ins>"),
        ("same", "}"),
    ]
    shown = diff("{\n  1\n}", "{\n    1\n}")
    assert "Only white space differs." in shown
    assert "<table" not in shown
    assert "Only white space differs." not in diff("same", "same")


@pytest.mark.parametrize(
    ("params", "command"),
    [
        ({"user_name": "alice"}, "aws iam create-user --user-name alice"),
        ({"user_name": "o'brien; rm"}, "aws iam create-user --user-name 'o'\"'\"'brien; rm'"),
        ({"user_name": "a", "path": "", "tags": []}, "aws iam create-user --user-name a"),
        ({"user_name": "a", "password": "s3cret"}, 'aws iam create-user --user-name a --password "$PASSWORD"'),
        (
            {"user_name": "a", "password_reset_required": True},
            "aws iam create-user --user-name a --password-reset-required",
        ),
        ({"user_name": "a", "set_as_default": False}, "aws iam create-user --user-name a --no-set-as-default"),
        ({"tags": [{"Key": "team", "Value": "ops"}]}, "aws iam create-user --tags Key=team,Value=ops"),
        ({"tags": [{"Key": "a b", "Value": "x,y"}]}, """aws iam create-user --tags '{"Key": "a b", "Value": "x,y"}'"""),
    ],
)
def test_cli_commands(params: dict[str, Any], command: str) -> None:
    assert cli.command("iam:CreateUser", params) == command


def test_a_long_cli_command_is_wrapped() -> None:
    text = cli.command(
        "iam:CreatePolicy",
        {"policy_name": "a" * 40, "policy_document": '{"Version": "2012-10-17"}', "description": "b" * 30},
    )
    assert text.count(" \\\n  --") == 3


@pytest.mark.parametrize(
    ("arn", "shown"),
    [
        ("arn:aws:iam::123456789012:user/ops/dora", "user/ops/dora"),
        ("arn:aws:iam::210987654321:user/dora", "arn:aws:iam::210987654321:user/dora"),
        ("arn:aws:s3:::ledger", "arn:aws:s3:::ledger"),
        ("arn:aws:iam::123456789012:", "arn:aws:iam::123456789012:"),
        ("*", "*"),
        ("", ""),
    ],
)
def test_an_arn_of_the_own_account_is_shown_short(arn: str, shown: str) -> None:
    assert short_arn(arn, "123456789012") == shown


def test_numbers_are_grouped() -> None:
    assert (grouped(6144), grouped(7)) == ("6,144", "7")


class Labels(HTMLParser):
    """Of each table of a page: whether its rows act, the headings of its columns, and its cells with their place and attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tables: list[tuple[bool, list[str], list[tuple[int, dict[str, str | None]]]]] = []
        self.place = -1
        self.in_heading = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "table":
            self.tables.append(("acts" in (given.get("class") or "").split(), [], []))
        elif tag == "tr":
            self.place = -1
        elif tag in ("td", "th"):
            self.place += 1
            self.in_heading = given.get("scope") == "col"
            if self.in_heading:
                self.tables[-1][1].append("")
            elif tag == "td":
                self.tables[-1][2].append((self.place, given))

    def handle_endtag(self, tag: str) -> None:
        self.in_heading = self.in_heading and tag != "th"

    def handle_data(self, data: str) -> None:
        if self.in_heading:
            self.tables[-1][1][-1] += data


def test_cells_of_rows_with_buttons_know_their_headings(client, account, admin, nobody) -> None:
    """On every page: where a row ends in buttons, each other cell is told its own column's heading."""
    sign_in(client, User.objects.get(pk=admin.user_id))
    acting = set()
    for name, _address, html in pages(client, populate(account, admin, nobody)):
        for acts, headings, cells in Labels(html).tables:
            ends = [given for _place, given in cells if (given.get("class") or "") == "end"]
            assert acts or not ends, name
            for place, given in cells if acts else ():
                if given not in ends and "colspan" not in given:
                    assert given.get("data-label") == headings[place].strip(), (name, headings, given)
                    acting.add(name)
    assert len(acting) >= 8
