"""The roles that a group's members may switch to: an inline policy of the group that allows sts:AssumeRole on them.

The policy is AWS's own language, so SDKs and the AWS CLI of the members obey it too, and it can be written by hand as well: what else it
holds stays as it is.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from accounts.models import Group, GroupInlinePolicy, Role
from accounts.operations.inline_policies import delete_group_policy, put_group_policy
from operations import record
from operations.caller import Caller
from operations.errors import ValidationError
from operations.gate import one_change

POLICY = "AssumeRoles"
ACTION = "sts:AssumeRole"
_ROLE = re.compile(r"arn:[a-z0-9-]+:iam::[0-9]{12}:role/[\w+=,.@/-]+")


def given_roles(document: str) -> list[str]:
    """The ARNs of the roles that a document gives one by one, without a condition."""
    found = (arn for statement in _plain(json.loads(document)) for arn in _listed(statement["Resource"]))
    return list(dict.fromkeys(arn for arn in found if _ROLE.fullmatch(arn)))


def gives_more(document: str) -> bool:
    """Whether a document holds more than roles given one by one."""
    policy = json.loads(document)
    statements = _statements(policy)
    plain = list(_plain(policy))
    return len(plain) < len(statements) or any(
        not _ROLE.fullmatch(arn) for one in plain for arn in _listed(one["Resource"])
    )


def with_roles(document: str | None, arns: Iterable[str]) -> str:
    """The document with further roles: in the statement that gives roles already, else in one of its own."""
    policy: Any = json.loads(document) if document else {"Version": "2012-10-17", "Statement": []}
    statement: Any = next(_plain(policy), None)
    if statement is None:
        statement = {"Sid": POLICY, "Effect": "Allow", "Action": ACTION, "Resource": []}
        policy["Statement"] = [*_statements(policy), statement]
        if any(other.get("Sid") == POLICY for other in policy["Statement"][:-1]):
            del statement["Sid"]
    statement["Resource"] = list(dict.fromkeys([*_listed(statement["Resource"]), *arns]))
    return json.dumps(policy, indent=indentation(document), ensure_ascii=False)


def without_role(document: str, arn: str) -> str | None:
    """The document without a role; None when nothing is left of it."""
    policy = json.loads(document)
    for statement in _plain(policy):
        statement["Resource"] = [other for other in _listed(statement["Resource"]) if other != arn]
    policy["Statement"] = [one for one in _statements(policy) if one.get("Resource") != []]
    return json.dumps(policy, indent=indentation(document), ensure_ascii=False) if policy["Statement"] else None


def indentation(document: str | None) -> int:
    """By how many blanks a document is indented, so that a change leaves the lines that it does not concern as they are."""
    found = re.search(r"^( +)\S", document or "", re.MULTILINE)
    return len(found[1]) if found else 4


def give_roles(caller: Caller, group: Group, arns: Iterable[str]) -> None:
    """Let the members assume further roles.

    Raises AccessDenied (iam:PutGroupPolicy), ValidationError (no ARN of a role), LimitExceeded (the group's inline policies grow too long).
    """
    wanted = list(arns)
    for arn in wanted:
        if not _ROLE.fullmatch(arn):
            raise ValidationError(f"{arn} is invalid")
    with one_change():
        document = with_roles(_document_now(group), wanted)
        put_group_policy(caller, group_name=group.name, policy_name=POLICY, policy_document=document)


def take_role(caller: Caller, group: Group, arn: str) -> None:
    """Take a role from the members; with the last one the policy goes. Raises AccessDenied, NoSuchEntity (it is not given any more)."""
    with one_change():
        before = _document_now(group)
        after = without_role(before, arn) if before else None
        if after is None:
            delete_group_policy(caller, group_name=group.name, policy_name=POLICY)
        else:
            put_group_policy(caller, group_name=group.name, policy_name=POLICY, policy_document=after)


def policy_of(group: Group) -> str | None:
    """The document by which the group has its roles."""
    rows = GroupInlinePolicy.objects.filter(group=group, name=POLICY)
    return rows.values_list("document", flat=True).first()


def stored_roles(arns: Iterable[str]) -> dict[str, Role]:
    """The roles of this installation among some ARNs, by ARN. Two queries."""
    wanted = set(arns)
    accounts = {arn.split(":")[4] for arn in wanted}
    names = {arn.rpartition("/")[2].lower() for arn in wanted}
    rows = Role.objects.filter(account_id__in=accounts, name_key__in=names).select_related("boundary")
    return {role.arn: role for role in rows.prefetch_related("tags") if role.arn in wanted}


def documents_of_groups(account_id: str) -> dict[str, str]:
    """The documents by which the account's groups have their roles, by the groups' names. One query."""
    rows = GroupInlinePolicy.objects.filter(group__account_id=account_id, name=POLICY).order_by("group__name_key")
    return dict(rows.values_list("group__name", "document"))


def groups_by_role(documents: Mapping[str, str], arns: Iterable[str]) -> dict[str, list[str]]:
    """The names of the groups that have each of some roles."""
    found: dict[str, list[str]] = {arn: [] for arn in arns}
    for name, document in documents.items():
        for arn in given_roles(document):
            if arn in found:
                found[arn].append(name)
    return found


def _document_now(group: Group) -> str | None:
    """The document as it is while nobody else can change the account, so that two administrators do not undo each other's work."""
    record.lock(group.account_id)
    return policy_of(group)


def _plain(policy: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The statements that allow sts:AssumeRole and nothing else, on listed resources, without a condition."""
    for statement in _statements(policy):
        names = {name for name in statement if name != "Sid"}
        allows = names == {"Effect", "Action", "Resource"} and statement["Effect"] == "Allow"
        if allows and [action.lower() for action in _listed(statement["Action"])] == [ACTION.lower()]:
            yield statement


def _statements(policy: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = policy["Statement"]
    return [found] if isinstance(found, dict) else found


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
