"""Creating users as the console does it: several at once, each with access, groups, policies, boundary and tags, all or none."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import prefetch_related_objects

from accounts import passwords
from accounts.models import Account, User
from accounts.operations.attachments import attach_user_policy
from accounts.operations.inline_policies import put_user_policy
from accounts.operations.invitations import invite_user
from accounts.operations.login_profiles import create_login_profile
from accounts.operations.memberships import add_user_to_group
from accounts.operations.users import create_user
from accounts.resolve import keys_of
from accounts.user_table import Row
from operations.caller import Caller
from operations.gate import authorise_read, one_change

INVITED, WITH_PASSWORD, WITHOUT = "invite", "password", "none"


@dataclass(frozen=True)
class Wish:
    """What new users are to have. `access` to the console: INVITED, with a link on which each chooses a password; WITH_PASSWORD, generated,
    to be changed at the first sign-in; or WITHOUT."""

    path: str = "/"
    access: str = INVITED
    groups: Sequence[str] = ()
    policies: Sequence[str] = ()
    inline: Mapping[str, str] = field(default_factory=dict)
    boundary: str = ""
    tags: Sequence[Mapping[str, str]] = ()


def groups_of(row: Row, of_all: Sequence[str]) -> list[str]:
    """The groups of one of the users: those of all, and those of its line."""
    return list({name.lower(): name for name in (*row.groups, *of_all)}.values())


def tags_of(row: Row, of_all: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """The tags of one of the users: those of all, with those of its line over them. Keys that differ only in case are one key."""
    own = [{"Key": key, "Value": value} for key, value in row.tags.items()]
    keys = {key.lower() for key in row.tags}
    return [tag for tag in of_all if tag["Key"].lower() not in keys] + own


def create_users(
    caller: Caller, rows: Sequence[Row], wish: Wish, helped: Collection[str] = (), helping: str = ""
) -> list[dict[str, str]]:
    """Create the users, all or none; each with the link of its invitation or its first password, if it is to have console access.

    The users of the names `helped` get the policy `helping` besides. Raises what any of the operations raises.
    """
    made = []
    rules = passwords.rules_of(Account.objects.get(pk=caller.account_id)) if wish.access == WITH_PASSWORD else None
    with one_change():
        for row in rows:
            name, tags = row.name, tags_of(row, wish.tags)
            optional: dict[str, Any] = {"tags": tags} if tags else {}
            if wish.boundary:
                optional["permissions_boundary"] = wish.boundary
            create_user(caller, user_name=name, path=row.path or wish.path, **optional)
            for group in groups_of(row, wish.groups):
                add_user_to_group(caller, group_name=group, user_name=name)
            for arn in (*wish.policies, *([helping] if name in helped else [])):
                attach_user_policy(caller, user_name=name, policy_arn=arn)
            for policy_name, document in wish.inline.items():
                put_user_policy(caller, user_name=name, policy_name=policy_name, policy_document=document)
            made.append({"name": name, **_access(caller, name, wish.access, rules)})
    return made


def _access(caller: Caller, name: str, access: str, rules: passwords.Rules | None) -> dict[str, str]:
    """Give console access; the link and until when it works (ISO 8601), or the password, that the user needs for it."""
    if access == INVITED:
        made = invite_user(caller, user_name=name)
        return {"link": made["PasswordLink"], "until": made["ExpirationDate"].isoformat()}
    if rules is not None:
        password = passwords.generated(rules)
        create_login_profile(caller, user_name=name, password=password, password_reset_required=True)
        return {"password": password}
    return {}


def permissions_of(caller: Caller, user: User) -> tuple[list[str], list[str], dict[str, str]]:
    """Groups, attached and inline policies of a user whose permissions are to be copied; reading them is authorised. Four queries."""
    prefetch_related_objects([user], "tags")
    for action in ("iam:ListGroupsForUser", "iam:ListAttachedUserPolicies"):
        authorise_read(caller, action, user.arn, keys_of(user, action), type="AWS::IAM::User")
    groups = [row.group.name for row in user.memberships.select_related("group").order_by("group__name_key")]
    attached = [row.policy.arn for row in user.attachments.select_related("policy").order_by("policy__name_key")]
    inline = {row.name: row.document for row in user.inline_policies.order_by("name_key")}
    if inline:
        authorise_read(caller, "iam:GetUserPolicy", user.arn, keys_of(user, "iam:GetUserPolicy"), type="AWS::IAM::User")
    return groups, attached, inline
