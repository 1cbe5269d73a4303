"""The console's own help: one topic for each kind of page, beside the page in a panel, or as a page of its own where no script runs.

An app's `topics.py` (loaded at start) registers its topics:

    register(Topic("users", _("Users"), ("accounts:users", "accounts:user-create")))

whose text is the template `help/users.html`.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Topic:
    """A text, and the pages that it belongs to by the names of their addresses; a name that ends in `*` stands for all that begin so."""

    key: str
    title: str | Promise
    pages: tuple[str, ...] = ()

    @property
    def template(self) -> str:
        return f"help/{self.key}.html"


GENERAL = Topic("console", _("How the console works"))
TOPICS: dict[str, Topic] = {GENERAL.key: GENERAL}


def register(*topics: Topic) -> None:
    """Add topics. Raises KeyError for a key that is taken already."""
    for topic in topics:
        if topic.key in TOPICS:
            raise KeyError(topic.key)
        TOPICS[topic.key] = topic


def topic_of(page: str) -> Topic:
    """The topic of a page by the name of its address: the most exact one, or the general one."""
    fitting = [(len(name), topic) for topic in TOPICS.values() for name in topic.pages if _fits(name, page)]
    return max(fitting, key=lambda pair: pair[0], default=(0, GENERAL))[1]


def _fits(name: str, page: str) -> bool:
    return page.startswith(name[:-1]) if name.endswith("*") else page == name
