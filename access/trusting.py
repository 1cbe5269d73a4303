"""What lets somebody into a role that its trust policy kept closed: to bring what it asks for, or to be named in it.

What a trust policy says is told to whoever may read the role; others learn that it is the trust policy, whose name the call itself has.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from access.variant import Variant
from access.waiting import label_of
from accounts.models import Role, User
from accounts.resolve import find_role, keys_of
from engine.context import account_of
from engine.rules import TRUST_ACTIONS
from federation.assuming import listed
from operations.caller import Caller

# The keys of conditions that whoever assumes a role can meet without any change, as federation.assuming names them.
BROUGHT = {
    "aws:multifactorauthpresent": "mfa",
    "aws:multifactorauthage": "mfa",
    "sts:externalid": "external",
    "sts:rolesessionname": "name",
    "sts:sourceidentity": "source",
    "aws:sourceip": "address",
}


@dataclass(frozen=True)
class Trusting:
    """A role that somebody was not let into, and who reads about it."""

    caller: Caller
    row: User | Role
    action: str
    arn: str
    statements: Sequence[Mapping[str, Any]]  # of its trust policy, as they bore on the call
    role: Role | None  # None where it is not the account's, or gone
    may_read: bool

    @staticmethod
    def of(caller: Caller, row: User | Role, action: str, arn: str, trace: Mapping[str, Any]) -> "Trusting | None":
        """For a call that asked for a role; None for others. Two queries."""
        if action.lower() not in TRUST_ACTIONS or ":role/" not in arn:
            return None
        found = find_role(row.account_id, arn.rpartition("/")[2]) if account_of(arn) == row.account_id else None
        role = found if found is not None and found.arn == arn else None
        may_read = role is not None and caller.may("iam:GetRole", role.arn, keys_of(role, "iam:GetRole"))
        stages = [stage for stage in trace.get("stages", ()) if stage["name"] == "trust"]
        statements = [each for stage in stages for policy in stage["policies"] for each in policy["statements"]]
        return Trusting(caller, row, action, arn, statements, role, may_read)

    @property
    def words(self) -> dict[str, str]:
        return {"name": self.row.name, "role": self.arn.rpartition("/")[2], "action": self.action}

    @property
    def near(self) -> list[Mapping[str, Any]]:
        """The statements that name the caller and the action, and failed by their conditions alone."""
        allowing = (each for each in self.statements if self.may_read and each["effect"] == "Allow")
        return [each for each in allowing if each["failed"] == ["Condition"]]

    def is_enough(self, layers: Collection[str]) -> bool:
        """Whether the trust policy alone lets them in then, whatever policies of their own say: within an account, where it names them."""
        if account_of(self.arn) != self.row.account_id:
            return False
        if isinstance(self.row, Role) and {"boundary", "session"} & set(layers):
            return False
        named = (set(each["elements"].get("Principal", {}).get("named_as", ())) for each in self.near)
        return all(each - {"account"} for each in named)

    def ways(self) -> Iterator[Variant]:
        """What its statements ask for; where none concerns the caller, to be named."""
        for statement in self.near:
            yield from self._meeting(statement)
        if not self.near:
            yield from self.by_name()

    def by_name(self) -> Iterator[Variant]:
        """To stand in the trust policy by name."""
        change = _("Name %(name)s as a principal in the trust policy of %(role)s") % self.words
        if isinstance(self.row, User):
            risk = _("Touches %(name)s alone: whoever else it lets in stays as they are.") % self.words
        else:
            risk = _("Touches everybody who may assume the role %(name)s.") % self.words
        yield Variant(change, risk, self._page())

    def _meeting(self, statement: Mapping[str, Any]) -> Iterator[Variant]:
        """To bring what a statement asks for, where that is in one's hand; or to change the statement."""
        failing = [each["key"] for each in statement["conditions"] if not each["verdict"]]
        brought = dict.fromkeys(self._brought(key) for key in failing)
        label = {"statement": label_of(statement), **self.words}
        if all(brought):
            needs = listed([each for each in brought if each])
            change = _("Assume it with what %(statement)s of the trust policy asks for: %(needs)s")
            yield Variant(change % {**label, "needs": needs}, _("Touches nobody: no policy changes."))
        for key in dict.fromkeys(failing):
            change = _("Change the condition on %(key)s in %(statement)s of the trust policy of %(role)s")
            risk = _("Touches everybody whom the statement names: for them, too, the role is less guarded then.")
            yield Variant(change % {**label, "key": key}, risk, self._page())

    def _brought(self, key: str) -> str:
        """What whoever assumes the role can bring to meet a condition; empty where they cannot. A role's session never has MFA."""
        found = BROUGHT.get(key.lower(), "")
        return "" if found == "mfa" and isinstance(self.row, Role) else found

    def _page(self) -> str:
        """Where the trust policy is changed, for whoever may read it and change it."""
        may = self.may_read and self.caller.may("iam:UpdateAssumeRolePolicy", self.arn)
        return reverse("accounts:role-trust", args=[self.words["role"]]) if may else ""
