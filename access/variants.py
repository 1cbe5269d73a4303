"""The smallest changes that would turn a recorded denial into an allow, each with whom it touches: only what the reader may see."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access.assuming import assumable_by
from access.bundles import Bundle, bundles
from access.callers import principal_of_role
from access.effective import policies_of_role, policies_of_user
from access.trusting import Trusting
from access.variant import Variant, Variants
from access.waiting import label_of, until_allowed, until_not_denied
from accounts.models import Group, Role, User
from accounts.resolve import find_role, find_role_by_id, find_user_by_id, keys_of
from engine import NOT_CONSIDERED, NamedPolicy, Policies, Request, evaluate
from engine.policies import NotConsidered
from engine.rules import TRUST_ACTIONS
from federation import trust
from federation.assuming import listed
from operations import clock
from operations.caller import Caller
from operations.gate import Read, authorise_reads
from operations.models import Event
from pages.components.shell import grouped
from pages.refusing import LAYERS
from policies.models import AWS, PolicyUsage

MOST_GROUPS: Final = 5
MOST_ROLES: Final = 3
ROLES_ASKED: Final = 200  # those that were used last
GROUPS: Final = "iam:ListGroupsForUser"
EVERYTHING: Final = "iam:GetAccountAuthorizationDetails"


def variants(
    caller: Caller,
    event: Event,
    decision: Mapping[str, Any],
    layers: Sequence[str],
    principal: User | Role | None = None,
) -> Variants:
    """What would allow a denied call; nothing where the principal is gone or no page of theirs may be seen. At most fourteen queries.

    `principal` is who made it, with boundary and tags, where that is at hand.
    """
    row = principal or _principal(event)
    if row is None or not decision:
        return Variants(())
    word = "User" if isinstance(row, User) else "Role"
    if not caller.may(f"iam:Get{word}", row.arn, keys_of(row, f"iam:Get{word}")):
        return Variants(())
    asked = _Asked(caller, row, str(decision["action"]), str(decision["resource"]), decision.get("context") or {})
    if event.outcome == "explicitDeny":
        trace = decision.get("trace") or {}
        silent = [stage["name"] for stage in trace.get("stages", ()) if _would_be_silent(stage)]
        return Variants(list(asked.without_denials(trace)), _in_words(silent), is_denied=True)
    layers = _silent(decision, layers)
    trace = decision.get("trace") or {}
    trusting = Trusting.of(caller, row, asked.action, asked.resource, trace)
    rows: list[Variant] = list(until_allowed(trace, layers))
    if "trust" in layers and trusting is not None:
        rows += trusting.ways()
        if trusting.is_enough(layers):
            return Variants(rows, _in_words(["trust"]))
    if "identity" in layers:
        asked.read_identity()
        rows += [*asked.by_own_policy(), *asked.by_group(), *asked.by_role()]
        if trusting is not None and "trust" not in layers:
            rows += trusting.by_name()
    if "boundary" in layers and row.boundary is not None:
        rows += asked.by_boundary()
    if "session" in layers:
        risk = _("No policy changes: the session is asked for anew.")
        rows.append(Variant(_("A session whose session policy allows %(action)s") % asked.words, risk))
    return Variants(rows, _in_words(layers))


def _in_words(layers: Iterable[str]) -> list[str]:
    return [str(LAYERS.get(layer, layer)) for layer in layers]


def _would_be_silent(stage: Mapping[str, Any]) -> bool:
    """Whether a layer that has to allow would not, were its denials not there."""
    if stage["name"] not in ("identity", "boundary", "session") or stage["verdict"] not in ("silent", "denies"):
        return False
    said = (statement for policy in stage["policies"] for statement in policy["statements"])
    return not any(statement["matched"] and statement["effect"] == "Allow" for statement in said)


def _silent(decision: Mapping[str, Any], layers: Sequence[str]) -> Sequence[str]:
    """The layers that said nothing, of which each must allow; where the record has no explanation, those that it names."""
    stages = (decision.get("trace") or {}).get("stages", ())
    found = [stage["name"] for stage in stages if stage["verdict"] == "silent" and stage["name"] in LAYERS]
    needed = [name for name in found if name != "resource"]  # which may allow by itself, but need not
    return needed or layers


def _principal(event: Event) -> User | Role | None:
    """The user or role (of a session, the role) that made the call, if there still is one. Three queries at most."""
    unique_id = event.principal_id.partition(":")[0]
    if not unique_id:
        return None
    return find_user_by_id(event.account_id, unique_id) or find_role_by_id(event.account_id, unique_id)


class _Asked:
    """Who was denied what, and who reads about it."""

    def __init__(
        self, caller: Caller, row: User | Role, action: str, resource: str, context: Mapping[str, Any]
    ) -> None:
        self.caller, self.row, self.action, self.resource, self.context = caller, row, action, resource, context
        self.readable: set[str] = set()
        self.words = {"action": action, "resource": resource, "name": row.name}

    def read_identity(self) -> None:
        """Find out, and record, what of the principal's surroundings the reader may see: a user's groups, and everybody's policies."""
        asked: list[Read] = [(EVERYTHING, "*")]
        if isinstance(self.row, User):
            asked.append((GROUPS, self.row.arn, keys_of(self.row, GROUPS)))
        reads = [each for each in asked if self.caller.may(*each)]
        authorise_reads(self.caller, reads)
        self.readable = {each[0] for each in reads}

    def by_own_policy(self) -> Iterator[Variant]:
        change = _("Allow %(action)s on %(resource)s in a policy of %(name)s") % self.words
        is_user = isinstance(self.row, User)
        risk = _("Touches %(name)s alone.") % self.words if is_user else _("Touches everybody who may assume the role.")
        word = "User" if is_user else "Role"
        yield Variant(change, risk, self._form(f"iam:Put{word}Policy", "inline-create"))

    def by_group(self) -> Iterator[Variant]:
        if not isinstance(self.row, User) or GROUPS not in self.readable:
            return
        for group in self.row.groups.order_by("member_count", "name_key")[:MOST_GROUPS]:
            risk, page = _("Touches all members of the group."), self._page("group", group)
            if page:  # who may open it may know how many they are
                risk = ngettext(
                    "Touches %(n)s person, the member of the group.",
                    "Touches %(n)s people, all members of the group.",
                    group.member_count,
                ) % {"n": grouped(group.member_count)}
            yield Variant(_("Allow it in a policy of the group %(group)s") % {"group": group.name}, risk, page)

    def by_role(self) -> Iterator[Variant]:
        """Roles that allow it already and that the principal may assume."""
        if EVERYTHING not in self.readable:
            return
        rows = Role.objects.filter(account_id=self.row.account_id).select_related("account").prefetch_related("tags")
        if isinstance(self.row, Role):
            rows = rows.exclude(pk=self.row.pk)
        roles = list(rows.order_by(F("last_used_at").desc(nulls_last=True), "-id")[:ROLES_ASKED])
        resource = self._trust_policy()
        held = bundles(roles).of
        allowing = [role for role in roles if self._allows(role, held[role.unique_id], resource)]
        own = policies_of_user(self.row) if isinstance(self.row, User) else policies_of_role(self.row)
        for role, assumer in assumable_by(self.row, own, allowing)[:MOST_ROLES]:
            risk = (
                _("Touches nobody: no policy changes. In the role, %(name)s may do all that the role allows.")
                % self.words
            )
            if assumer.needs:
                needed = _("Needed besides: %(needs)s.") % {"needs": listed(assumer.needs)}
                risk = f"{risk} {needed}"
            change = _("Switch to the role %(role)s, which allows it already") % {"role": role.name}
            yield Variant(change, risk, self._page("role", role))

    def _trust_policy(self) -> NamedPolicy | NotConsidered:
        """The trust policy of the role that was to be assumed: who has another role must be let in by it, too. One query."""
        if self.action.lower() not in TRUST_ACTIONS:
            return NOT_CONSIDERED
        return trust.policy_of(find_role(self.row.account_id, self.resource.rpartition("/")[2]))

    def _allows(self, role: Role, held: Bundle, resource: NamedPolicy | NotConsidered) -> bool:
        policies = Policies(
            identity=[named for _key, named in held.identity],
            boundaries=[held.boundary[1]] if held.boundary else (),
            resource=resource,
        )
        if role.arn == self.resource:
            return False
        return evaluate(
            Request(principal_of_role(role, "session"), self.action, self.resource, self._context()), policies
        ).allowed

    def _context(self) -> Mapping[str, Any]:
        """The call's, but for what a role's session says otherwise of itself."""
        own = {"aws:multifactorauthpresent", "aws:multifactorauthage", "aws:tokenissuetime"}
        kept = {key: value for key, value in self.context.items() if key.lower() not in own}
        return {**kept, "aws:TokenIssueTime": clock.text(clock.now())}

    def by_boundary(self) -> Iterator[Variant]:
        policy = self.row.boundary
        assert policy is not None  # noqa: S101 - asked for those who have one
        words = {"policy": policy.name, **self.words}
        if not policy.is_aws_managed:
            risk, page = _("Touches all users and roles that have this boundary."), self._policy(policy.arn)
            if page:
                number = _usage(self.row.account_id, [policy.arn]).get(policy.arn, (0, 0))[1]
                risk = ngettext(
                    "Touches %(n)s user or role, which has this boundary.",
                    "Touches %(n)s users and roles, all that have this boundary.",
                    number,
                ) % {"n": grouped(number)}
            change = _("Allow %(action)s on %(resource)s in the boundary %(policy)s") % words
            yield Variant(change, risk, page)
        word = "User" if isinstance(self.row, User) else "Role"
        yield Variant(
            _("Give %(name)s another boundary, which allows it") % words,
            _("Touches %(name)s alone.") % words,
            self._form(f"iam:Put{word}PermissionsBoundary", "boundary"),
        )

    def without_denials(self, trace: Mapping[str, Any]) -> Iterator[Variant]:
        """The policies that forbid it: whoever has one is touched by its change."""
        denying = {
            (policy["name"], policy["arn"] or "", policy["kind"]): statement
            for stage in trace.get("stages", ())
            for policy in stage["policies"]
            for statement in policy["statements"]
            if statement["matched"] and statement["effect"] == "Deny"
        }
        usage = _usage(self.row.account_id, [arn for _name, arn, _kind in denying if arn])
        for (name, arn, kind), statement in denying.items():
            label = label_of(statement)
            change = _("Leave it out of %(statement)s in %(policy)s") % {"statement": label, "policy": name}
            if arn:
                if f":iam::{AWS}:" in arn:
                    change = _("Detach %(policy)s, which AWS manages") % {"policy": name}
                risk, page = _("Touches all users, groups and roles that have the policy."), self._policy(arn)
                if page:
                    number = sum(usage.get(arn, (0, 0)))
                    risk = ngettext(
                        "Touches %(n)s user, group or role that has the policy.",
                        "Touches %(n)s users, groups and roles that have the policy.",
                        number,
                    ) % {"n": grouped(number)}
                yield Variant(change, risk, page)
            elif kind in ("user", "role"):
                yield Variant(
                    change, _("Touches %(name)s alone.") % self.words, reverse(f"accounts:{kind}", args=[self.row.name])
                )
            elif kind == "group":
                yield Variant(change, _("Touches all members of the group that has it."))
            elif kind == "resource":
                yield Variant(change, _("Touches everybody whom the statement names."))
            yield from until_not_denied(name, statement)

    def _form(self, action: str, page: str) -> str:
        """The address of a form about the principal, for who may send it."""
        kind = "user" if isinstance(self.row, User) else "role"
        may = self.caller.may_somehow(action, self.row.arn, keys_of(self.row, action))
        return reverse(f"accounts:{kind}-{page}", args=[self.row.name]) if may else ""

    def _policy(self, arn: str) -> str:
        """The address of a managed policy for who may open it, and so may know by how many it is used."""
        return reverse("policies:policy", args=[arn]) if self.caller.may("iam:GetPolicy", arn) else ""

    def _page(self, kind: str, row: Group | Role) -> str:
        action = f"iam:Get{kind.capitalize()}"
        keys = keys_of(row, action) if isinstance(row, Role) else {}
        return reverse(f"accounts:{kind}", args=[row.name]) if self.caller.may(action, row.arn, keys) else ""


def _usage(account_id: str, arns: Sequence[str]) -> Mapping[str, tuple[int, int]]:
    """How many have policies attached and as their boundary, by ARN. One query."""
    rows = PolicyUsage.objects.filter(account_id=account_id, policy__arn__in=arns)
    return {
        arn: (attached, bounded)
        for arn, attached, bounded in rows.values_list("policy__arn", "attachments", "boundaries")
    }
