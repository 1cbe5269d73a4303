"""The view of the living page: what its templates under templates/pages/design/ show."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.consequences import Impact, Members
from engine.validate import check
from iamconsole.design.decisions import explanations
from iamconsole.design.forms import MINIFIED, forms_in_each_state
from iamconsole.design.lists import lists_in_each_state
from operations.errors import LimitExceeded, ValidationError
from operations.rehearsal import Step
from pages.charts import Slice
from pages.commands import told
from pages.errors import Refusal
from pages.forms import apply_error
from pages.icons import ICONS
from pages.listing.bulk import Done, Item, Loss
from pages.listing.presets import presets
from pages.outcomes import OUTCOMES
from pages.request import CallerRequest
from pages.search import Hit
from pages.views.design import EDITED, FAILURE, POLICY, ExampleForm, denied
from policies.access_changes import AccessChanges, access_changes
from policies.editing import grouped
from policies.editor import frame_context
from policies.reading import summary_of

LONG = "a-name-without-any-blank-that-goes-on-and-on-until-it-has-as-many-letters-as-a-name-of-AWS-may-have-which-is-128-of-them-in-all"


def design(request: CallerRequest) -> HttpResponse:
    """Each component in each state."""
    now = timezone.now()
    form = ExampleForm(initial={"policy_document": POLICY, "kind": "console", "user_name": "build-bot"})
    bad = ExampleForm({"user_name": "a user", "path": "machines"}, auto_id="bad_%s")
    apply_error(bad, ValidationError(FAILURE))
    apply_error(bad, LimitExceeded("Cannot exceed quota for UsersPerAccount: 5000"))
    refused = ExampleForm({}, auto_id="refused_%s")
    refused.refusal = Refusal(denied())  # type: ignore[attr-defined]
    decisions = explanations()
    decision = request.GET.get("decision", "")
    decision = decision if decision in decisions else "denied"
    values: dict[str, Any] = {
        "outcomes": OUTCOMES, "icons": ICONS, "policy": POLICY, "edited": EDITED, "form": form, "bad": bad, "refused": refused,
        "tab": "permissions", "long": LONG, "folded_lines": [f"arn:aws:s3:::reports-{n}/*" for n in range(8)], "refusal": refused.refusal,  # type: ignore[attr-defined]
        "moments": [now - timedelta(minutes=12), now - timedelta(hours=3), now - timedelta(days=8), datetime(2024, 2, 29, 12, tzinfo=UTC)],
        "bars": [Slice("iam", 214), Slice("s3", 128), Slice("sts", 41), Slice("kms", 3)],
        "slices": [
            Slice(OUTCOMES[kind].word, number, kind)
            for kind, number in (("allowed", 312), ("explicitDeny", 12), ("implicitDeny", 40))
        ],
        "course": [3, 5, 4, 8, 6, 9, 12, 10, 14, 13, 17, 16],
        "before": {"path": "/", "groups": "ops", "boundary": "ops-boundary"},
        "after": {"path": "/people/", "groups": "ops", "mfa": "1 device"},
        "cli": {"user_name": "build-bot", "path": "/machines/", "tags": [{"Key": "team", "Value": "ops"}]},
        "as_code": told(request, STEPS), "stages": STAGES, "messages_shown": MESSAGES, "found": FOUND, "todo": WORKLIST,
        "bulk": _bulk(now), "outcome": OUTCOME,
        "kept": SimpleNamespace(waiting_forms=1, resolver_match=None),
        "drafted": SimpleNamespace(draft=SimpleNamespace(saved_at=now), draft_continued=False, path="/policies/create/"),
        "switched": _switched(now),
        "page": Paginator(range(60), 20).page(2), "seconds": [30, 60, 900, 3600, 43200],
        "frame": frame_context("identity"), "access": access_changes(POLICY, EDITED), "impact": _impact(), "summary": summary_of(POLICY),
        "kinds_of_decision": list(decisions), "decision": decision, "explanation": decisions[decision],
        "groups": grouped(check(MINIFIED, "identity")), "presets": presets(QueryDict(), [("All", ()), ("Refused", ("outcome:eq:denied",))]),
        **forms_in_each_state(request), **lists_in_each_state(request),
    }  # fmt: skip
    return render(request, "pages/design.html", values)


STEPS = [
    Step(
        "iam", "CreateUser", {"user_name": "build-bot", "path": "/machines/", "tags": [{"Key": "team", "Value": "ops"}]}
    ),
    Step("iam", "PutUserPolicy", {"user_name": "build-bot", "policy_name": "guard-ledgers", "policy_document": POLICY}),
    Step("iam", "AddUserToGroup", {"user_name": "build-bot", "group_name": "machines"}),
    Step("iam", "DeleteUser", {"user_name": "old-bot"}),
]
STAGES = [
    {"name": "Organization", "outcome": "allowed", "note": "2 levels allow it"},
    {"name": "Resource policy", "outcome": "neutral", "note": "the bucket has none"},
    {"name": "Permissions boundary", "outcome": "allowed", "note": "ops-boundary allows it"},
    {"name": "Identity policies", "outcome": "explicitDeny", "note": "1 of 6 denies, 2 allow", "decides": True},
    {"name": "Session policy", "outcome": "neutral", "note": "not reached"},
]


class _Message(str):
    """A message as Django's framework hands it to the template."""

    level_tag = ""


def _impact() -> Impact:
    changes = access_changes(POLICY, EDITED)
    rows = [
        Members(changes, 3, ["dora", "emil", "fritz"]),
        Members(AccessChanges((), ""), 1, ["gina"]),
        Members(None, 40, ["hans", "ida"]),
    ]
    return Impact(changes, rows)


def _message(level: str, text: str) -> _Message:
    made = _Message(text)
    made.level_tag = level
    return made


MESSAGES = [
    _message("success", "User build-bot was created."),
    _message("info", "Nothing changed."),
    _message("warning", "2 of 12 users were left as they are."),
    _message("error", "Cannot exceed quota for UsersPerAccount: 5000"),
]
FOUND = [
    SimpleNamespace(title="Users", icon="user", hits=[Hit("build-bot", "#", "team=ops"), Hit(LONG, "#")]),
    SimpleNamespace(
        title="Commands",
        icon="arrow-right",
        hits=[Hit("Create user", "#", icon="plus"), Hit("Theme: dark", "#", icon="eye", fields={"theme": "dark"})],
    ),
    SimpleNamespace(title="Policies", icon="policy", hits=[Hit("build-artifacts", "#", "customer managed")]),
]
WORKLIST = [
    SimpleNamespace(kind=kind, word=word, title=title, text=text, href=href, link=link)
    for kind, word, title, text, href, link in (
        ("explicitDeny", "High risk", "The root user has no MFA", "It may do everything.", "", ""),
        ("warning", "Medium risk", "3 keys are older than 90 days", "Make new ones.", "#", "Show them"),
        ("info", "Low risk", "The account has no alias", "People remember names.", "#", "Set one"),
    )
]
OUTCOME = [
    Done("amara.okafor", "allowed", "Deleted"),
    Done("break-glass", "neutral", "This is you"),
    Done("build-bot", "implicitDeny", "iam:DeleteUser is not permitted"),
    Done("chen.wei", "warning", "Cannot delete entity, must detach all policies first."),
]


def _bulk(now: datetime) -> list[Item]:
    """Rows of a review: with losses and what it has now, without either, left out."""
    losses = [Loss(2, _("access keys"), now - timedelta(hours=3)), Loss(4, _("group memberships"))]
    return [
        Item("amara.okafor", "#", "", losses, "limits"),
        Item(LONG, "", ""),
        Item("break-glass", "#", "Not deleted: this is you"),
    ]


def _switched(now: datetime) -> SimpleNamespace:
    """A request of somebody who acts as a role."""
    role = SimpleNamespace(name="deploy", account_id="123456789012", account=SimpleNamespace(alias="acme"))
    switched = SimpleNamespace(colour="danger", display_name="Production", ends=now + timedelta(minutes=50))
    return SimpleNamespace(switched=switched, role=role, person=SimpleNamespace(name="amara.okafor"))
