"""The review of a document that is about to be saved: what it does, what there is to say about it, and the command that saves it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from engine.canonical import laid_out
from engine.grammar import PolicyKind
from engine.summary import Summary
from engine.validate import Finding, Severity, check
from operations.errors import ServiceError
from operations.quotas import enforce
from pages.forms import apply_error
from policies.access_changes import AccessChanges, access_changes
from policies.documents import check_document, size
from policies.facts import gives_everything
from policies.reading import summary_of
from policies.words import SentencesOf, sentences_of

# AWS's tabs of findings in their order: the severity, its tab, the word beside one of them, and the outcome that gives colour and icon.
SEVERITIES: Final[tuple[tuple[Severity, Promise, Promise, str], ...]] = (
    ("SECURITY_WARNING", _("Security"), _("Security warning"), "warning"),
    ("ERROR", _("Errors"), _("Error"), "explicitDeny"),
    ("WARNING", _("Warnings"), _("Warning"), "implicitDeny"),
    ("SUGGESTION", _("Suggestions"), _("Suggestion"), "info"),
)


@dataclass(frozen=True)
class ShownFinding:
    """A finding as the panel shows it; `edits` are those of its fix, as JSON."""

    finding: Finding
    edits: str


@dataclass(frozen=True)
class Group:
    """The findings of one severity: `word` is all of them, `one` each."""

    severity: Severity
    word: Promise
    one: Promise
    outcome: str
    findings: Sequence[ShownFinding]


def grouped(found: Iterable[Finding]) -> list[Group]:
    """The findings by severity, all four of them, in the order of AWS's tabs."""
    shown = [ShownFinding(each, _edits(each)) for each in found]
    return [
        Group(severity, word, one, outcome, [each for each in shown if each.finding.severity == severity])
        for severity, word, one, outcome in SEVERITIES
    ]


def _edits(found: Finding) -> str:
    return json.dumps([[edit.start, edit.end, edit.replacement] for edit in found.fix.edits]) if found.fix else ""


@dataclass(frozen=True)
class Review:
    """What the review step shows."""

    document: str
    before: str
    summary: Summary | None
    groups: Sequence[Group]
    action: str
    parameters: Mapping[str, Any]
    access: AccessChanges | None = None
    sentences: SentencesOf | None = None

    @property
    def gives_everything(self) -> bool:
        """Whether it allows every action on all resources, which it is to say before all else."""
        return self.summary is not None and gives_everything(self.document)

    @property
    def number(self) -> int:
        """How many findings there are."""
        return sum(len(group.findings) for group in self.groups)


def review(
    form: forms.Form,
    action: str,
    parameters: Mapping[str, Any],
    *,
    before: str = "",
    limit: str = "PolicySizeQuota",
    kind: PolicyKind = "identity",
) -> Review | None:
    """The review of the form's document; None, with the error at its line, for one that AWS would not save, or that is longer than the
    quota `limit` allows. What a document allows, and its sentences, are told of identity policies; of other kinds by those whose they are.
    """
    document = form.cleaned_data["policy_document"]
    try:
        return reviewed(document, action, parameters, before=before, limit=limit, kind=kind)
    except ServiceError as error:
        apply_error(form, error)
        return None


def reviewed(
    document: str,
    action: str,
    parameters: Mapping[str, Any],
    *,
    before: str = "",
    limit: str = "PolicySizeQuota",
    kind: PolicyKind = "identity",
) -> Review:
    """The same of a document that nobody types. Raises MalformedPolicyDocument, LimitExceeded."""
    check_document(document, kind)
    enforce(limit, size(document))  # what is too long to be saved is not worth the time that a review of it takes
    lines = laid_out(document)  # as the page shows it, so that findings and sentences name its lines
    found = grouped(check(lines, kind))
    if kind != "identity":
        return Review(document, before, None, found, action, parameters)
    access = access_changes(before, document) if before else None
    return Review(document, before, summary_of(document), found, action, parameters, access, sentences_of(lines))
