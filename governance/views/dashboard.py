"""The first page: how the account stands, what to do about it, and what happened."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.page_request import PageRequest
from accounts.sign_in_address import sign_in_address
from governance import askers
from governance.privilege_course import course
from governance.queries.access_requests import waiting
from governance.queries.privilege import administrators
from governance.queries.standing import changes, failing_tests, numbers, people, risky
from governance.recommendations import recommendations
from operations.caller import Caller
from operations.gate import authorise_reads
from operations.ids import iam_arn
from operations.models import Event


@dataclass(frozen=True)
class Figure:
    """A number that leads to its list."""

    label: str | Promise
    number: int
    icon: str
    href: str


@dataclass(frozen=True)
class Change:
    """A change with who made it and on what, both without the front of the ARN, which is the same for all."""

    event: Event

    @property
    def who(self) -> str:
        return self.event.user_name or self.event.principal_arn.split(":", 5)[-1]

    @property
    def resource(self) -> str:
        return self.event.resource.split(":", 5)[-1]


def dashboard(request: PageRequest) -> HttpResponse:
    """The dashboard: each part is there for who may read it, and the reads are recorded together."""
    caller, me = request.caller, request.user_row
    account_id = caller.account_id
    parts = {
        "numbers": ("iam:GetAccountSummary", "*"),
        "people": ("iam:GetCredentialReport", "*"),
        "risky": ("iam:ListPolicies", iam_arn(account_id, "policy/")),
        "changes": ("cloudtrail:LookupEvents", "*"),
        "holders": ("iam:GetAccountAuthorizationDetails", "*"),
        "tests": ("iam:GetPolicyVersion", iam_arn(account_id, "policy/*")),
    }
    permitted = {name: read for name, read in parts.items() if caller.may(*read)}
    own = askers.own_resource(caller)
    may_list, may_list_own = caller.may(askers.LIST, "*"), bool(own[0]) and caller.may(askers.LIST, *own)
    authorise_reads(caller, [*permitted.values(), *([(askers.LIST, "*")] if may_list else [])])  # one's own is no read
    readers: dict[str, Callable[[], Any]] = {
        "numbers": lambda: numbers(account_id),
        "people": lambda: people(account_id),
        "risky": lambda: risky(account_id),
        "changes": lambda: changes(account_id),
        "holders": lambda: administrators(account_id),
        "tests": lambda: failing_tests(account_id),
    }
    found = {name: readers[name]() if name in permitted else None for name in parts}
    is_reviewer = "tests" in permitted and caller.may("iam:CreatePolicyVersion", parts["tests"][1])
    holders, asked = found["holders"], waiting(caller, may_list=may_list, may_list_own=may_list_own)
    account = acting.account if (acting := getattr(request, "role", None) or me) else None
    context = {
        "figures": figures(caller, found["numbers"]) if found["numbers"] else [],
        "recommendations": recommendations(
            caller,
            me,
            found["numbers"],
            found["people"],
            found["risky"],
            holders=holders,
            tests=found["tests"] or (),
            waiting=asked.open or 0,
            proposed=found["risky"].proposed if found["risky"] and is_reviewer else 0,
        ),
        "holders": holders,
        "course": course(account_id, holders) if holders else None,
        "changes": None if found["changes"] is None else [Change(event) for event in found["changes"]],
        "missing": [action for name, (action, _resource) in parts.items() if name not in permitted],
        "sign_in_url": sign_in_address(account.alias or account.pk) if account else "",
        "requests": asked,
        "is_judged": bool(found["numbers"] or found["people"] or found["risky"] or holders or may_list),
        "is_me": me is not None,
    }
    return render(request, "governance/dashboard.html", context)


def figures(caller: Caller, found: Any) -> list[Figure]:
    """The counts, each with its list for who may see it."""
    customer = "?f=type:eq:customer"
    kinds = (
        (_("Users"), found.users, "user", "iam:ListUsers", "user/", "accounts:users", ""),
        (_("Groups"), found.groups, "group", "iam:ListGroups", "group/", "accounts:groups", ""),
        (_("Roles"), found.roles, "role", "iam:ListRoles", "role/", "accounts:roles", ""),
        (_("Customer managed policies"), found.policies, "policy", "iam:ListPolicies", "policy/", "policies:policies", customer),
    )  # fmt: skip
    return [
        Figure(label, number, icon, reverse(page) + query if caller.may(action, iam_arn(caller.account_id, on)) else "")
        for label, number, icon, action, on, page, query in kinds
    ]
