"""Search over everything: each app registers a function that finds its own things for a caller.

@register(_("Users"), "user", "accounts:users")
def users(caller: Caller, text: str, limit: int) -> Iterable[Hit]: ...     # in <app>/searches.py

offer(Command(_("Create user"), "plus", "accounts:user-create", action="iam:CreateUser"))                 # what can be done from everywhere
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from operations.caller import Caller
from pages import navigation

Text = str | Promise


@dataclass(frozen=True)
class Hit:
    """Something found: its name, address, and what tells it apart (an ARN, an id, the tag that fitted). What has `fields` is a command
    that is posted with them; what is posted to the preferences shows at once."""

    label: Text
    href: str
    note: Text = ""
    icon: str = ""
    fields: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Command:
    """What can be done from everywhere: `action` is the permission that it takes. `words` are others that find it. With `fields` it is
    posted, else it leads to a page."""

    label: Text
    icon: str
    url_name: str
    action: str = ""
    words: Text = ""
    fields: Mapping[str, str] | None = None
    order: int = 50

    def hit(self) -> Hit:
        return Hit(self.label, reverse(self.url_name), icon=self.icon, fields=self.fields)


Finder = Callable[[Caller, str, int], Iterable[Hit]]
MOST = 25  # hits of one kind; the list of the kind has the rest


def tag_of(text: str) -> tuple[str, str | None] | None:
    """The tag that a text asks for, as `team=ops`, `tag:team=ops` or `tag:team`; None for a text that asks for none."""
    wanted = text[4:] if text.lower().startswith("tag:") else text
    key, equals, value = (part.strip() for part in wanted.partition("="))
    is_one = bool(key) and (bool(equals) or wanted is not text) and not text.startswith("arn:")
    return (key, value if equals else None) if is_one else None


def listed(text: str) -> Mapping[str, str]:
    """The state in which a list finds a text: as free text; not an ARN or a tag, which free text does not look at."""
    return {} if text.startswith("arn:") or tag_of(text) else {"q": text}


def listed_or_tagged(text: str) -> Mapping[str, str]:
    """The same for a list with a filter for tags."""
    tag = tag_of(text)
    return {"f": f"tag:eq:{tag[0]}" + ("" if tag[1] is None else f"={tag[1]}")} if tag else listed(text)


@dataclass(frozen=True)
class Kind:
    """What a finder finds; `url_name` is its list in the navigation, `state` how that list finds a text (empty: not at all)."""

    title: Text
    icon: str
    find: Finder
    url_name: str = ""
    state: Callable[[str], Mapping[str, str]] = listed

    def all_of(self, text: str) -> str:
        """The address of the list with all that fit, or an empty text."""
        state = self.state(text) if self.url_name else {}
        return f"{reverse(self.url_name)}?{urlencode(state)}" if state else ""

    @property
    def place(self) -> tuple[int, int]:
        """Where its list stands in the navigation; kinds without one come last."""
        item = navigation.ITEMS.get(self.url_name)
        return (list(navigation.GROUPS).index(item.group), item.order) if item else (len(navigation.GROUPS), 0)


@dataclass(frozen=True)
class Found:
    """The hits of one kind; `more` says that there are others, `listed` is the address where all of them are, or empty."""

    title: Text
    icon: str
    hits: list[Hit] = field(default_factory=list)
    more: bool = False
    listed: str = ""

    @property
    def counted(self) -> str:
        """How many hits there are: `3`, or `25+`."""
        return f"{len(self.hits)}+" if self.more else str(len(self.hits))


_finders: dict[str, Kind] = {}
_commands: list[Command] = []


def offer(*commands: Command) -> None:
    """Add commands; those of the same `order` are shown as they were added."""
    _commands.extend(command for command in commands if command not in _commands)


def register(
    title: Text, icon: str, url_name: str = "", state: Callable[[str], Mapping[str, str]] = listed
) -> Callable[[Finder], Finder]:
    """Register a finder under a title; it returns only what the caller may see. The list of the kind is at `url_name`."""

    def add(finder: Finder) -> Finder:
        _finders[f"{finder.__module__}.{finder.__name__}"] = Kind(title, icon, finder, url_name, state)
        return finder

    return add


def search(caller: Caller | None, text: str, limit: int = 6, *, by_fit: bool = False) -> list[Found]:
    """What fits the text, kind by kind in the order of the navigation, pages of the console first.

    `by_fit` puts the better hits of a kind and the kind with the best hit first, for a short list of suggestions.
    """
    text = text.strip()[:200]
    if caller is None or not text:
        return []
    pages = [
        Hit(link.item.label, link.href, icon=link.item.icon)
        for link in navigation.links(caller, "")
        if _has_words(text, link.item.label)
    ]
    commands = [
        command.hit()
        for command in sorted(_commands, key=lambda command: command.order)
        if _has_words(text, command.label, command.words) and (not command.action or caller.may(command.action))
    ]
    kinds = sorted(_finders.values(), key=lambda kind: kind.place)
    found = [
        (Kind(_("Pages"), "arrow-right", lambda *_: ()), pages),
        (Kind(_("Commands"), "arrow-right", lambda *_: ()), commands),
    ]
    found += [(kind, list(kind.find(caller, text, max(limit, MOST) + 1))) for kind in kinds]
    if by_fit:
        found = [(kind, sorted(hits, key=lambda hit: _distance(hit, text))) for kind, hits in found]
        found.sort(key=lambda each: min((_distance(hit, text) for hit in each[1]), default=0))
    return [
        Found(kind.title, kind.icon, hits[:limit], len(hits) > limit, kind.all_of(text)) for kind, hits in found if hits
    ]


def _has_words(text: str, *where: Text) -> bool:
    """Whether the text stands in the first of the others, or each of its words begins a word of theirs."""
    words = " ".join(map(str, where)).lower()
    return text.lower() in str(where[0]).lower() or all(f" {word}" in f" {words}" for word in text.lower().split())


def _distance(hit: Hit, text: str) -> int:
    """How well a hit fits: its name is the text, begins with it, has it, or it was found by something else."""
    name, wanted = str(hit.label).lower(), text.lower()
    return 0 if name == wanted else 1 if name.startswith(wanted) else 2 if wanted in name else 3
