"""Users, groups and roles as holders of policies: the same pages serve all three, each with its own operations."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import Http404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Group, Role, User
from accounts.queries import held_policies
from accounts.resolve import find_group, find_role_with_tags, find_user_shown, keys_of
from operations.caller import Caller, ContextValue
from operations.gate import REGISTRY, authorise_read
from operations.ids import iam_arn
from operations.quotas import quota
from operations.rehearsal import Step
from policies.documents import size

Holder = User | Group | Role


@dataclass(frozen=True)
class Kind:
    """One of the three kinds: `word` is what AWS's operations are called by (`AttachUserPolicy`), `parameter` how they name it."""

    key: str
    word: str
    parameter: str
    label: Promise
    plural: Promise
    find: Callable[[str, str], Any]
    policies: Callable[[Any], list[held_policies.HeldPolicy]]
    has_boundary: bool = True
    has_tags: bool = True

    def call(self, caller: Caller, verb: str, noun: str, name: str, **parameters: Any) -> Mapping[str, Any]:
        """Call the operation of this kind: `call(caller, "Attach", "Policy", "dora", policy_arn=…)` is AttachUserPolicy."""
        return REGISTRY[f"iam:{verb}{self.word}{noun}"](caller, **{self.parameter: name}, **parameters)

    def step(self, verb: str, noun: str, name: str, **parameters: Any) -> Step:
        """The same call, for a change that can be undone."""
        return Step("iam", f"{verb}{self.word}{noun}", {self.parameter: name, **parameters})

    def action(self, verb: str, noun: str = "") -> str:
        """The permission of that operation."""
        return f"iam:{verb}{self.word}{noun}"

    def address(self, name: str, page: str = "") -> str:
        """The address of the holder's page, or of one of its pages (`attach`, `tags` …)."""
        return reverse(f"accounts:{self.key}{'-' if page else ''}{page}", args=[name])

    def inline_address(self, name: str, policy_name: str) -> str:
        """The address of one of the holder's inline policies."""
        return reverse(f"accounts:{self.key}-inline", args=[name, policy_name])

    def policies_address(self, name: str) -> str:
        """The address of the page that shows the holder's policies."""
        return self.address(name, "permissions" if self.key == "group" else "")

    def room_for_inline(self, row: Any, name: str) -> int:
        """How many characters an inline policy of that name may have beside the others: all of them share a quota."""
        others = row.inline_policies.exclude(name=name).values_list("document", flat=True)
        return max(0, quota(f"{self.word}PolicySizeQuota") - sum(map(size, others)))

    def room_beside(self, attached: Sequence[str]) -> int:
        """How many managed policies can be attached besides those that are."""
        return int(max(0, self.most_attached - len(attached)))

    @property
    def most_attached(self) -> int:
        """How many managed policies may be attached in all."""
        return quota(f"AttachedPoliciesPer{self.word}Quota")

    @property
    def attach_action(self) -> str:
        return self.action("Attach", "Policy")

    @property
    def detach_action(self) -> str:
        return self.action("Detach", "Policy")

    @property
    def delete_action(self) -> str:
        return self.action("Delete", "Policy")

    @property
    def put_action(self) -> str:
        return self.action("Put", "Policy")

    @property
    def boundary_action(self) -> str:
        return self.action("Put", "PermissionsBoundary")

    def authorise(self, caller: Caller, action: str, row: Any, arn: str = "", named: str = "") -> None:
        """Authorise and record a read about a holder, with the condition keys that it brings: a deny by tag or boundary holds on pages too.

        `row` may be None for one that is not there, which has an `arn` all the same; `named` is the name by which it was looked up.
        Raises AccessDenied.
        """
        authorise_read(
            caller, action, arn or row.arn, self.keys(row, action), type=f"AWS::IAM::{self.word}", named=named
        )

    def may(self, caller: Caller, action: str, row: Any) -> bool:
        """Whether a caller may do something to a holder, to one that is gone nothing; not recorded."""
        return row is not None and caller.may(action, row.arn, self.keys(row, action))

    def keys(self, row: Any, action: str) -> Mapping[str, ContextValue]:
        """The condition keys that a holder brings to an action; groups have neither tags nor boundary."""
        return keys_of(row, action) if isinstance(row, User | Role) else {}

    def read(self, caller: Caller, name: str) -> Any:
        """The holder, authorised and recorded as its Get operation. Raises AccessDenied, Http404."""
        row = self.find(caller.account_id, name)
        arn = row.arn if row else iam_arn(caller.account_id, f"{self.key}/{name}")
        self.authorise(caller, self.action("Get"), row, arn, name)
        if row is None:
            raise Http404(f"The {self.key} with name {name} cannot be found.")
        return row

    def read_policies(self, caller: Caller, row: Any) -> list[held_policies.HeldPolicy]:
        """The policies that it holds, authorised and recorded as its List operation. Raises AccessDenied."""
        self.authorise(caller, self.action("ListAttached", "Policies"), row)
        return self.policies(row)

    def read_again(self, caller: Caller, name: str, unique_id: str) -> Any:
        """The same, for a form that says which one it is about: of one that was renamed meanwhile it is said what it is called now.

        So a form never meets another one that has taken the name.
        """
        action, meant = self.action("Get"), None
        found = self.find(caller.account_id, name)
        if unique_id and (found is None or found.unique_id != unique_id):
            meant = MODELS[self.key].objects.filter(account_id=caller.account_id, unique_id=unique_id).first()
        if meant is None or not self.may(caller, action, meant):
            return self.read(caller, name)
        said = _("%(old)s was renamed meanwhile: it is called %(new)s now.")
        raise Http404(said % {"old": name, "new": meant.name})


MODELS: Mapping[str, Any] = {"user": User, "group": Group, "role": Role}
KINDS: Mapping[str, Kind] = {
    "user": Kind("user", "User", "user_name", _("User"), _("Users"), find_user_shown, held_policies.policies_of_user),
    "group": Kind(
        "group", "Group", "group_name", _("Group"), _("Groups"), find_group, held_policies.policies_of_group,
        has_boundary=False, has_tags=False,
    ),
    "role": Kind("role", "Role", "role_name", _("Role"), _("Roles"), find_role_with_tags, held_policies.policies_of_role),
}  # fmt: skip


def inline_policy(row: Model, name: str) -> Any:
    """An inline policy of a holder, or None."""
    return row.inline_policies.filter(name=name).first()  # type: ignore[attr-defined]
