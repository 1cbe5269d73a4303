"""The policy editor as a form field: a plain text area, which the browser's script turns into the editor."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import ngettext

from engine import grammar
from operations.quotas import quota
from pages import engine_texts
from pages.plurals import plural_forms
from policies.words import has_sentences

# What the editor checks a document as (a kind of `engine.validate`), and the quota that its size is measured against.
QUOTAS = {
    "identity": "PolicySizeQuota",
    "boundary": "PolicySizeQuota",
    "session": "UserPolicySizeQuota",
    "trust": "AssumeRolePolicySizeQuota",
}
OFFERED = ("identity", "boundary", "session")  # of which the panel of actions can be opened
KINDS = (*QUOTAS, "resource", "scp", "rcp")


def limit_of(kind: str) -> int | None:
    """How many characters a document of a kind may have, white space not counted; None where other services decide."""
    return quota(QUOTAS[kind]) if kind in QUOTAS else None


@dataclass(frozen=True)
class Consequences:
    """Where the editor asks for what the document would do, and the name of the policy that it is, where the address does not say it."""

    address: str
    name: str = ""


class PolicyEditor(forms.Textarea):
    """The editor's text area in its frame (templates/components/editor.html)."""

    template_name = "components/editor.html"

    def __init__(self, kind: str, rows: int = 18) -> None:
        super().__init__(
            {"rows": rows, "class": "mono", "spellcheck": "false", "autocapitalize": "none", "data-editor": kind}
        )
        self.kind = kind
        self.limit: int | None = None  # where it is not that of the kind of document
        self.consequences: Consequences | None = None

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """The text area, and what the frame says about the kind of document."""
        return {**super().get_context(name, value, attrs), **frame_context(self.kind, self.limit, self.consequences)}


def frame_context(kind: str, limit: int | None = None, consequences: Consequences | None = None) -> dict[str, Any]:
    """What the frame needs beside the text area: `limit` where it is not that of the kind of document, `consequences` where they are
    told."""
    most = limit_of(kind) if limit is None else limit
    return {
        "kind": kind,
        "limit": most,
        "offers_actions": kind in OFFERED,
        "inserted_forms": plural_forms(_inserted),
        "actions_url": reverse("policies:actions"),
        "has_sentences": has_sentences(kind),
        "consequences": consequences,
        "size_forms": plural_forms(_size_of(most) if most else _size),
        "check_url": reverse("policies:check"),
        "format_url": reverse("policies:format"),
        "complete_url": reverse("policies:complete"),
    }


def _size(number: int) -> str:
    return ngettext("%s character", "%s characters", number)


def _inserted(number: int) -> str:
    words = ngettext(
        "%(number)s action inserted: %(where)s. Ctrl+Z in the editor takes it back.",
        "%(number)s actions inserted: %(where)s. Ctrl+Z in the editor takes it back.",
        number,
    )
    return words % {"number": "%s", "where": "%(where)s"}  # filled in by the script


@lru_cache(maxsize=16)
def _size_of(most: int) -> Callable[[int], str]:
    """The size beside the most that there may be; `plural_forms` keeps the forms for this very function."""

    def words(_number: int) -> str:
        said = ngettext("%%s of %(most)s character", "%%s of %(most)s characters", most)
        return said % {"most": number_format(most, force_grouping=True)}

    return words


class DocumentField(forms.CharField):
    """A policy document. It is kept exactly as typed, but for the line ends that browsers send and the mark with which files begin."""

    def __init__(self, *, kind: str, rows: int = 18, **given: Any) -> None:
        super().__init__(strip=False, widget=PolicyEditor(kind, rows), **given)

    def to_python(self, value: Any) -> str:
        """Line ends as the browser sends them become those that were typed."""
        return str(super().to_python(value) or "").replace("\r\n", "\n").removeprefix("\ufeff")

    def validate(self, value: str) -> None:
        """Say which character no document may hold, where AWS names the set of those that it may."""
        super().validate(value)
        try:
            grammar.check_characters(value)
        except grammar.MalformedPolicyDocument as error:
            raise forms.ValidationError(f"{engine_texts.translated(error.detail)}.") from None
