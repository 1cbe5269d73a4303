"""Whether a role's trust policy really lets a group's members in, and how to mend it where it does not."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts import trust as trust_policies
from accounts.models import Group, Role, User
from accounts.operations.roles import update_assume_role_policy
from engine import Decision, NamedPolicy, Policies, Policy, Principal, Request, evaluate
from federation import trust
from federation.group_roles import ACTION, indentation
from federation.operations.assume_role import Wish, assumption_keys
from operations import record
from operations.caller import Caller, ContextValue
from operations.gate import one_change
from operations.ids import iam_arn

MOST_MEMBERS = 500  # of a group are asked about, in the order of their names
ACCOUNT, MEMBERS = "account", "members"
_GRANT = f'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{ACTION}","Resource":"*"}}]}}'
_GIVEN = NamedPolicy("AssumeRoles", Policy.parse(_GRANT), "group")
_FACTOR: dict[str, ContextValue] = {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "0"}
_NO_FACTOR: dict[str, ContextValue] = {"aws:MultiFactorAuthPresent": "false"}


@dataclass(frozen=True)
class Admission:
    """Whom of a group's members a role's trust policy lets in.

    `kind`: `all`, `mfa` (all, with a second factor), `some`, `none`, `external` (an external ID is asked for, which the console cannot
    give), `denied` (a statement denies it). `outside` are the names of those who are not let in.
    """

    kind: str
    outside: Sequence[str] = ()

    @property
    def can_be_mended(self) -> bool:
        """Whether a further statement in the trust policy would help."""
        return self.kind in {"some", "none", "external"}


def members_of(group: Group, roles: Iterable[Role]) -> list[User]:
    """The members who are asked about, with their tags where a trust policy looks at them. Two queries at most."""
    rows = group.members.order_by("name_key")
    if any("principaltag" in role.trust_policy.lower() for role in roles):
        rows = rows.prefetch_related("tags")
    return list(rows[:MOST_MEMBERS])


def admission(role: Role, members: Sequence[User], account_id: str) -> Admission:
    """Ask the trust policy for each member, as if the group's policy were all that they have; an empty group by somebody of the account."""
    policies = trust.with_resource(Policies(identity=[_GIVEN]), trust.policy_of(role))
    keys = assumption_keys(role, "", None, Wish({}, {}, (), ""))
    names = [member.name for member in members] or ["member"]
    principals = [_principal(member) for member in members] or [
        Principal.from_arn(iam_arn(account_id, "user/member"), user_id="AIDA")
    ]

    def ask(number: int, factor: Mapping[str, ContextValue]) -> Decision:
        facts = {**keys, **factor, "sts:RoleSessionName": names[number], "aws:SecureTransport": "true"}
        request = Request(principals[number], ACTION, role.arn, facts, resource_account=role.account_id)
        return evaluate(request, policies)

    decisions = [ask(number, _FACTOR) for number in range(len(names))]
    outside = [name for name, decision in zip(names, decisions, strict=True) if not decision.allowed]
    if not outside:
        return Admission("all" if ask(0, _NO_FACTOR).allowed else "mfa")
    shown = outside if members else []
    refused = next(decision for decision in decisions if not decision.allowed)
    if refused.outcome == "explicitDeny":
        return Admission("denied", shown)
    if any(key.lower() == "sts:externalid" for key in refused.missing_context):
        return Admission("external", shown)
    return Admission("none" if len(outside) == len(names) else "some", shown)


def mended(document: str, principals: Sequence[str]) -> str:
    """A trust policy (as it is shown) that lets further principals in, without a condition."""
    policy: dict[str, Any] = json.loads(document)
    found = policy["Statement"]
    statements: list[dict[str, Any]] = [found] if isinstance(found, dict) else list(found)
    statement = next((one for one in statements if _is_open(one)), None)
    if statement is None:
        statement = {"Effect": "Allow", "Principal": {"AWS": []}, "Action": ACTION}
        statements.append(statement)
    named = statement["Principal"]["AWS"]
    together = list(dict.fromkeys([*([named] if isinstance(named, str) else named), *principals]))
    statement["Principal"]["AWS"] = together[0] if len(together) == 1 else together
    policy["Statement"] = statements
    return json.dumps(policy, indent=indentation(document), ensure_ascii=False)


def principals_for(choice: str, role: Role, members: Sequence[User]) -> list[str]:
    """What the trust policy is to name: the account, which leaves it to the users' own policies, or the members one by one."""
    if choice == MEMBERS and members:
        return [member.arn for member in members]
    return [iam_arn(role.account_id, "root")]


def stored_principals(choice: str, role: Role, members: Sequence[User]) -> list[str]:
    """The same as a trust policy is stored: members by their unique ids."""
    if choice == MEMBERS and members:
        return [member.unique_id for member in members]
    return principals_for(choice, role, members)


def mend(caller: Caller, role: Role, principals: Sequence[str]) -> None:
    """Let principals in by the role's trust policy as it is now. Raises AccessDenied, LimitExceeded, UnmodifiableEntity."""
    with one_change():
        record.lock(role.account_id)
        role.refresh_from_db(fields=["trust_policy"])
        document = mended(trust_policies.readable(role.trust_policy), principals)
        update_assume_role_policy(caller, role_name=role.name, policy_document=document)


def _is_open(statement: dict[str, Any]) -> bool:
    """Allows principals of AWS, and them alone, sts:AssumeRole without a condition."""
    names = {name for name in statement if name != "Sid"}
    principal = statement.get("Principal")
    return (
        names == {"Effect", "Principal", "Action"}
        and statement["Effect"] == "Allow"
        and isinstance(principal, dict)
        and set(principal) == {"AWS"}
        and statement["Action"] in (ACTION, [ACTION])
    )


def _principal(user: User) -> Principal:
    known = getattr(user, "_prefetched_objects_cache", {}).get("tags", ())
    return Principal.from_arn(user.arn, user_id=user.unique_id, tags={tag.key: tag.value for tag in known})
