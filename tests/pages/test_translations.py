"""Every text of every page goes through gettext: in a language that only puts marks around texts, what has no marks was forgotten.

Names, ARNs, ids, actions, policy text, numbers and times are data and are the same in each language.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from html import escape
from html.parser import HTMLParser
from itertools import chain
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import SafeData, mark_safe

from accounts.models import User
from engine import catalog
from tests.every_page import Populated, addresses, pages, populate
from tests.signing_in import sign_in

OPEN, CLOSE = "⟦", "⟧"
DATA = {
    "ins",
    "del",
    "code",
    "pre",
    "textarea",
    "script",
    "style",
    "time",
    "kbd",
}  # elements whose text is nobody's language
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
READ_ALOUD = {"aria-label", "title", "placeholder", "alt", "aria-roledescription", "data-confirm", "aria-description"}
# AWS's own sentences: of a refusal, and of a document that cannot be saved.
SAID = re.compile(r"User:\s.*?\sallows the [\w:]+ action|Syntax errors in policy\.")
ARN = re.compile(r"arn:[^\s]*")
ALLOWED = re.compile(
    r"""\w+:\*\ Write                            # a set of actions, as the simulator takes it
    | [\w*-]+:[A-Z*][\w*]*                    # actions and condition keys
    | \b(?:AKIA|ASIA|AIDA|AROA|AGPA|ANPA)\w*  # unique ids
    | \b[0-9a-f]{8}-[0-9a-f-]{27}\b           # UUIDs
    | \b[A-Z]\w*[a-z0-9][A-Z]\w*|\b[A-Z]{2,}[a-z]\w*  # names of AWS: operations, policies, error codes
    | \b(?:aws|iam|sts|s3|kms|ec2):\w+        # condition keys as the engine keeps them
    | \b\w+\.amazonaws\.com\b | \b[\w.]+@[\w.]+\b | \bIAM\ Console\b
    | \b(?:IAM|ARN|AWS|JSON|CSV|MFA|UTC|CLI|API|STS|Sid|TOTP)\b
    | \b\d{4}-\d\d-\d\dT?[\d:.Z+]*""",
    re.VERBOSE,
)


def mark(text: str) -> str:
    """The translation: the text between marks. The empty text stays empty, as in every catalogue."""
    if not text:
        return text
    marked = f"{OPEN}{text}{CLOSE}"
    return mark_safe(marked) if isinstance(text, SafeData) else marked  # noqa: S308 - as safe as the text was


@pytest.fixture(autouse=True)
def _console(settings: Any, _design_pages: None) -> None:
    """The console's own addresses, not those of the components' tests."""
    settings.ROOT_URLCONF = "iamconsole.urls"


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pseudo-language."""
    functions: dict[str, Callable[..., str]] = {
        "gettext": mark,
        "pgettext": lambda context, text: mark(text),
        "ngettext": lambda one, many, number: mark(one if number == 1 else many),
        "npgettext": lambda context, one, many, number: mark(one if number == 1 else many),
    }
    for name, function in functions.items():
        monkeypatch.setattr(translation._trans, name, function)


@cache
def any_of(names: frozenset[str]) -> re.Pattern[str]:
    """Each of the names as a whole, the longest first."""
    longest = sorted(names, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)", re.IGNORECASE)


class Reader(HTMLParser):
    """Collects what a page says outside the marks."""

    def __init__(self, names: set[str]) -> None:
        super().__init__()
        self.names = any_of(frozenset(names))
        self.stack: list[bool] = []  # for each open element: whether it or one around it holds data
        self.depth = 0
        self.forgotten: list[str] = []

    def feed(self, data: str) -> None:
        """A place where a long name may break is no end of it."""
        super().feed(data.replace("<wbr>", ""))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        classes = (values.get("class") or "").split()
        data = tag in DATA or "mono" in classes or values.get("translate") == "no"
        for name in READ_ALOUD & values.keys():
            self.text(values[name] or "", f"{tag}[{name}]", 0)
        if tag not in VOID:
            self.stack.append(data or (self.stack[-1] if self.stack else False))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self.stack:
            self.stack.pop()

    def handle_data(self, data: str) -> None:
        inside = bool(self.stack) and self.stack[-1]
        self.depth = self.text("" if inside else data, self.get_starttag_text() or "", self.depth)

    def text(self, text: str, where: str, depth: int) -> int:
        """Note what stands outside the marks; a text may begin in one element and end in another."""
        outside = []
        for sign in text:
            depth += (sign == OPEN) - (sign == CLOSE)
            outside.append(sign if depth == 0 and sign != CLOSE else " ")
        rest = SAID.sub(" ", "".join(outside))
        rest = ALLOWED.sub(" ", self.names.sub(" ", ARN.sub(" ", rest)))  # an ARN as a whole, before the names in it
        if re.search(r"[^\W\d_]{2,}", rest):
            self.forgotten.append(f"{' '.join(rest.split())!r} in {where[:90]}")
        return depth


@pytest.fixture
def made(account: Any, admin: Any, nobody: Any) -> Populated:
    return populate(account, admin, nobody)


# Words of the policy language and of AWS's catalogue, which stand for themselves.
WORDS = {
    "Allow", "Deny", "Effect", "Action", "Resource", "Console: own sessions and access requests", *(catalog.service(prefix).name for prefix in catalog.services()),
}  # fmt: skip
NAMES = {
    "Example", "alice", "bob", "eve", "blue", "team", "given", "phone", "alice-phone", "dora-phone", "English",
    "root@example.com", "/ops/", "own", "reading", "Read", "To help out", "testing", "tests", "Version",
}  # fmt: skip


WRONG = """{"Version": "2012-10-17", "Statement": [
  {"Sid": "", "Effect": "Allow", "Action": ["s3:GetObjekt", "iam:PassRole"], "Resource": "*",
   "Condition": {"StringEquals": {"aws:SourceIp": "*"}}},
  {"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::a/*", "arn:aws:s3:::*"], "Condition": {}}]}"""


def asked(client: Client, made: Populated) -> Iterator[tuple[str, str]]:
    """Pages that say what the engine says of a document or a decision: its findings, its reasons, its summary."""
    arn = made.values["arn"]
    edit, check = reverse("policies:edit", args=[arn]), reverse("policies:check")
    for name, document in (("findings", WRONG), ("a text that is no JSON", "{"), ("a text that is no policy", "[]")):
        form = client.post(edit, {"policy_document": document, "review": "1", "seen": _seen(client, edit)})
        yield f"{name}, in the form", form.content.decode()
        answer = client.post(check, {"document": document, "kind": "identity"}, "application/json").json()
        yield f"{name}, in the editor", answer["html"]
        yield f"{name}, at the lines", "".join(f"<p>{escape(mark['message'])}</p>" for mark in answer["marks"])
    asks = {"principal": "dora", "action": "s3:GetObject\niam:CreateUser"}
    yield "a simulation", client.get(reverse("access:simulator"), asks).content.decode()
    wrong = client.get(reverse("access:simulator"), {**asks, "policy": '{"Statement": 1}'})
    yield "a simulation with what is no policy", wrong.content.decode()
    for number in (0, 1):
        explained = client.get(reverse("access:decision"), {**asks, "ask": number})
        yield f"explanation {number}", explained.content.decode()
    summary = client.get(reverse("policies:policy", args=[arn]), {"service": "s3", "effect": "allow"})
    yield "the summary of a service", summary.content.decode()


def _seen(client: Client, address: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', client.get(address).content.decode())
    assert found is not None
    return found[1]


def test_every_text_is_translated(marked: None, account: Any, admin: Any, made: Populated, client: Client) -> None:
    sign_in(client, User.objects.get(name="alice"), mfa=True)
    found: dict[str, list[str]] = {}
    read = 0
    every = ((name, html) for name, _address, html in pages(client, made))
    for name, html in chain(every, asked(client, made)):
        reader = Reader(made.names() | NAMES | WORDS)
        reader.feed(html)
        read += 1
        if reader.forgotten:
            found[name] = reader.forgotten
    lines = [f"{name}: {line}" for name, forgotten in found.items() for line in forgotten]
    assert read > len(addresses(made)) / 2
    assert not lines, "\n".join(dict.fromkeys(lines))


def test_the_reader_notices_what_was_forgotten() -> None:
    reader = Reader({"dora"})
    reader.feed('<p>⟦One <b>two</b>⟧ dora <code>three</code> four</p><a title="five">⟦six⟧</a><p>12 AKIAEXAMPLE</p>')
    assert [line.split(" in ")[0] for line in reader.forgotten] == ["'four'", "'five'"]
