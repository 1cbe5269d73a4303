"""Every review that a form leads to: what is posted to see what will happen, before anything does.

Tests walk over them beside the pages (tests/every_page.py). Words in capitals stand for what `populate` made.
"""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from accounts.models import Role
from accounts.trust import readable
from policies.saving import mark
from tests.every_page import Populated

OTHER = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Put*","Resource":"*"}]}'
OPEN = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'
ALL = {"all": "1", "state": "?"}  # all rows of a list
RULE = mark("/ops/\n\n\n")  # the membership rule of the group
DECIDED = {"asked": "1", "review": "1"}  # what is needed besides the rows was chosen

# The address's name and what it is made of, what is sent. Those of bulk actions are about all rows of their lists.
Review = tuple[str, tuple[str, ...], Mapping[str, Any]]
BULK: Mapping[str, Review] = {
    "users, deleted": ("accounts:users-delete", (), {}),
    "users, added to a group": ("accounts:users-add-to-group", (), {**DECIDED, "group": "GROUP"}),
    "users, contained": ("accounts:users-contain", (), {}),
    "users, disabled": ("accounts:users-disable", (), {}),
    "users, keys deactivated": ("accounts:users-deactivate-keys", (), {**DECIDED, "days": "90", "since": "created"}),
    "users, password demanded": ("accounts:users-require-password", (), {}),
    "users, tagged": ("accounts:users-tag", (), {**DECIDED, "key": "team", "value": "red"}),
    "users, boundary asked": ("accounts:users-set-boundary", (), {}),
    "users, boundary": ("accounts:users-set-boundary", (), {**DECIDED, "permissions_boundary": "ARN"}),
    "users, boundary removed": ("accounts:users-remove-boundary", (), {}),
    "groups, deleted": ("accounts:groups-delete", (), {}),
    "group, users added": ("accounts:group-add-users", ("GROUP",), {}),
    "group, users removed": ("accounts:group-remove-users", ("GROUP",), {}),
    "roles, deleted": ("accounts:roles-delete", (), {}),
    "roles, tagged": ("accounts:roles-tag", (), {**DECIDED, "key": "team", "value": "red"}),
    "roles, boundary": ("accounts:roles-set-boundary", (), {**DECIDED, "permissions_boundary": "ARN"}),
    "roles, boundary removed": ("accounts:roles-remove-boundary", (), {}),
    "role, sessions revoked": ("federation:role-revoke-sessions", ("ROLE",), {}),
    "policies, deleted": ("policies:delete-many", (), {}),
    "policies, tagged": ("policies:tag-many", (), {**DECIDED, "key": "team", "value": "red"}),
    "policy, detached": ("policies:detach", ("ARN",), {}),
    "requests, declined": ("governance:requests-decline", (), {}),
}
SINGLE: Mapping[str, Review] = {
    "user, attached": ("accounts:user-attach", ("USER",), {"policy_arn": "SECOND"}),
    "group, attached": ("accounts:group-attach", ("GROUP",), {"policy_arn": "SECOND"}),
    "role, attached": ("accounts:role-attach", ("ROLE",), {"policy_arn": "SECOND"}),
    "group, rule": ("accounts:group-rule", ("GROUP",), {"path_prefix": "/", "tags": "", "seen": RULE, "review": "1"}),
    "user, policies removed": ("accounts:user-remove-policies", ("USER",), {"managed": "ARN", "inline": "own"}),
    "group, policies removed": ("accounts:group-remove-policies", ("GROUP",), {"managed": "ARN", "inline": "own"}),
    "role, policies removed": ("accounts:role-remove-policies", ("ROLE",), {"managed": "ARN", "inline": "own"}),
    "user, joining": ("accounts:user-groups", ("USER",), {"groups": "crew"}),
    "user, boundary": ("accounts:user-boundary", ("USER",), {"permissions_boundary": "SECOND", "seen": mark("")}),
    "role, boundary": ("accounts:role-boundary", ("ROLE",), {"permissions_boundary": "SECOND", "seen": mark("")}),
    "user, inline": ("accounts:user-inline-create", ("USER",), {"policy_name": "more", "policy_document": OTHER, "seen": "", "review": "1"}),
    "group, inline": ("accounts:group-inline-create", ("GROUP",), {"policy_name": "more", "policy_document": OTHER, "seen": "", "review": "1"}),
    "role, inline": ("accounts:role-inline-create", ("ROLE",), {"policy_name": "more", "policy_document": OTHER, "seen": "", "review": "1"}),
    "user, inline again": ("accounts:user-inline", ("USER", "own"), {"policy_document": OTHER, "seen": "SEEN_INLINE", "review": "1"}),
    "group, inline again": ("accounts:group-inline", ("GROUP", "own"), {"policy_document": OTHER, "seen": "SEEN_INLINE", "review": "1"}),
    "role, inline again": ("accounts:role-inline", ("ROLE", "own"), {"policy_document": OTHER, "seen": "SEEN_INLINE", "review": "1"}),
    "policy, new": ("policies:create", (), {"policy_name": "more", "policy_document": OTHER, "path": "/"}),
    "policy, edited": ("policies:edit", ("ARN",), {"policy_document": OTHER, "seen": "SEEN_VERSION", "set_as_default": "on", "review": "1"}),
    "policy, proposed": ("policies:review-proposal", ("PROPOSAL", "ARN"), {"policy_document": OTHER, "seen": "SEEN_VERSION", "set_as_default": "on", "review": "1"}),
    "user, new": ("accounts:user-create", (), {"user_names": "erin", "path": "/", "access": "none", "groups": "GROUP", "review": "1"}),
    "role, trust": ("accounts:role-trust", ("ROLE",), {"policy_document": OPEN, "seen": "SEEN_TRUST", "review": "1"}),
    "role, new": ("accounts:role-create", (), {"trusted": "service", "service": "ec2.amazonaws.com", "role_name": "web", "path": "/", "max_session_duration": "3600"}),
    "alias, changed": ("accounts:account", (), {"account_alias": "acme-corp"}),
    "password policy": ("accounts:password-policy", (), {"custom": "custom", "minimum_password_length": "14", "minimum_strength": "0"}),
    "request, granted": ("governance:request-grant", ("REQUEST",), {"duration_seconds": "3600", "review": "1"}),
}  # fmt: skip
# Reviews that are addresses with a question mark.
ASKED: Mapping[str, Review] = {
    "user, detached": ("accounts:user-detach", ("USER",), {"policy_arn": "ARN"}),
    "group, detached": ("accounts:group-detach", ("GROUP",), {"policy_arn": "ARN"}),
    "role, detached": ("accounts:role-detach", ("ROLE",), {"policy_arn": "ARN"}),
    "user, inline deleted": ("accounts:user-inline-delete", ("USER",), {"policy_name": "own"}),
    "group, inline deleted": ("accounts:group-inline-delete", ("GROUP",), {"policy_name": "own"}),
    "role, inline deleted": ("accounts:role-inline-delete", ("ROLE",), {"policy_name": "own"}),
    "user, leaving": ("accounts:user-leave-group", ("USER",), {"group_name": "GROUP"}),
    "policy, default": ("policies:set-default", ("ARN",), {"version": "v1"}),
    "policy, version deleted": ("policies:delete-version", ("ARN",), {"version": "v1"}),
    "policy, used": ("policies:policy", ("ARN",), {"used": "1"}),
    "accessed service": ("governance:user-last-accessed", ("USER",), {"service": "iam"}),
    "accessed by members": ("governance:group-last-accessed", ("GROUP",), {"service": "s3"}),
    "role, chains": ("federation:role-who-can-assume", ("ROLE",), {"kind": "user-chain"}),
    "simulated": ("access:simulator", (), {"principal": "USER", "action": "s3:GetObject", "resource": "*"}),
    "compared": ("access:compare", (), {"a": "user/dora", "b": "role/deploy"}),
    "found": ("pages:search", (), {"q": "r"}),
}


def placed(review: Review, made: Populated, *, second: str, inline: str, versions: str) -> tuple[str, dict[str, Any]]:
    """The address of a review and what is sent; `second` is a policy that nobody has."""
    known = {
        "USER": made.values["user"], "GROUP": made.values["group"], "ROLE": made.values["role"], "ARN": made.values["arn"],
        "REQUEST": made.values["request_id"], "PROPOSAL": made.values["proposal_id"], "SECOND": second, "SEEN_INLINE": mark(inline), "SEEN_VERSION": mark(versions),
        "SEEN_TRUST": mark(readable(Role.objects.get(name=made.values["role"]).trust_policy)),
    }  # fmt: skip
    name, parts, sent = review
    return reverse(name, args=[known.get(part, part) for part in parts]), {
        key: known.get(value, value) for key, value in sent.items()
    }
