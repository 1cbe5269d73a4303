"""What one change touched: how it was before and after, how it is now, and the operations that bring the former state back.

A facet is made from the record alone; what it is now is asked for apart, so that a list of changes costs no query for each.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts import trust
from accounts.history.events import record_of
from accounts.history.namesakes import is_meant, policy_hinders, since, trust_hinders
from accounts.holders import Kind
from accounts.models import AccessKey, Group, LoginProfile, User
from accounts.opposites import membership
from accounts.other_credentials import SERVICE_CREDENTIALS, SIGNING_CERTIFICATES, SSH_PUBLIC_KEYS
from accounts.other_credentials import Kind as Other
from operations.clock import now as this_moment
from operations.models import Event
from operations.rehearsal import Step

GONE: Any = object()  # what is now of something that is there no more
Record = Mapping[str, Any]


@dataclass(frozen=True)
class Facet:
    """One thing that a change touched.

    `now()` is its present value, or GONE; `reads` the permission by which one sees it. `move(start, goal)` are the operations that lead
    from one value to another. `hinders(goal)` says why a value cannot come back, or is empty. `on` is the ARN that these operations are
    about, where it is not the holder's own. `shown` is how a value is told.
    """

    label: str
    before: Any
    after: Any
    reads: str
    now: Callable[[], Any]
    move: Callable[[Any, Any], Sequence[Step]]
    hinders: Callable[[Any], str] = lambda goal: ""
    on: str = ""
    shown: Callable[[Any], Any] = lambda value: value


def facets_of(holder: Kind, row: Any, event: Event) -> list[Facet]:
    """The facets of one recorded change of a user, group or role. Empty for what has no former state."""
    record = record_of(event)
    plain = event.name.replace(holder.word, "", 1) if event.name not in BY_NAME else event.name
    make = BY_NAME.get(plain)
    if make is None or not (record.get("before") or record.get("after")):
        return []
    return [facet for facet in make(holder, row, record, event) if facet.before != facet.after]


def _state(record: Record, which: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = record.get(which) or {}
    return found


def _both(record: Record, member: str, empty: Any = None) -> tuple[Any, Any]:
    """A member of both states; `empty` where it is missing."""
    before, after = (_state(record, which).get(member) for which in ("before", "after"))
    return empty if before is None else before, empty if after is None else after


def _given(record: Record) -> Mapping[str, Any]:
    found: Mapping[str, Any] = record.get("requestParameters") or {}
    return found


def _attached(holder: Kind, row: Any, record: Record, event: Event) -> Iterator[Facet]:
    old, new = _both(record, "attachedPolicies", [])
    for arn in sorted(set(old) ^ set(new)):
        yield _attachment(holder, row, arn, event, before=arn in old, after=arn in new)


def _attachment(holder: Kind, row: Any, arn: str, event: Event, *, before: bool, after: bool) -> Facet:
    return Facet(
        _("Policy %(name)s") % {"name": arn.rpartition("/")[2]},
        before,
        after,
        holder.action("ListAttached", "Policies"),
        lambda: row.attachments.filter(policy__arn=arn).exists(),
        lambda start, goal: [holder.step("Attach" if goal else "Detach", "Policy", row.name, policy_arn=arn)],
        lambda goal: policy_hinders(row, arn, event) if goal else "",
        shown=lambda value: _("attached") if value else _("not attached"),
    )


def _member(holder: Kind, row: Any, record: Record, event: Event) -> Iterator[Facet]:
    old, new = _both(record, "groups", [])
    user_arn = str(_state(record, "after").get("arn", ""))
    for name in sorted(set(old) ^ set(new)):
        pair = _Pair(row, name, user_arn, event)
        yield Facet(
            _("Membership of %(user)s in %(group)s") % {"user": pair.user_name, "group": pair.group_name},
            name in old,
            name in new,
            "iam:ListGroupsForUser" if holder.key == "user" else "iam:GetGroup",
            pair.now,
            pair.move,
            on=row.arn if isinstance(row, Group) else event.resource,
            shown=lambda value: _("member") if value else _("no member"),
        )


@dataclass(frozen=True)
class _Pair:
    """A user and a group, one of which is what the page is about and may be called otherwise by now."""

    row: Any
    group: str
    user_arn: str
    event: Event

    @property
    def user_name(self) -> str:
        return self.row.name if isinstance(self.row, User) else self.user_arn.rpartition("/")[2]

    @property
    def group_name(self) -> str:
        return self.row.name if isinstance(self.row, Group) else self.group

    def now(self) -> Any:
        """Whether the one is in the other. The one that is looked up must still be the one that was meant. One query, two more where its
        name was given up since."""
        is_user = isinstance(self.row, User)
        rows: Any = Group.objects if is_user else User.objects
        name, arn = (self.group, self.event.resource) if is_user else (self.user_name, self.user_arn)
        mine = self.row.memberships.filter(**{"group" if is_user else "user": OuterRef("pk")})
        named = rows.filter(account_id=self.row.account_id, name_key=name.lower())
        found = named.annotate(moved=Exists(since(self.event, [arn])), is_in=Exists(mine)).first()
        return found.is_in if is_meant(found, arn, self.event) else GONE

    def move(self, start: Any, goal: Any) -> Sequence[Step]:
        return [membership("AddUserToGroup" if goal else "RemoveUserFromGroup", self.user_name, self.group_name)]


def _inline(holder: Kind, row: Any, record: Record, event: Event) -> Iterator[Facet]:
    old, new = _state(record, "before"), _state(record, "after")
    name = str(old.get("policyName") or new.get("policyName"))

    def move(start: Any, goal: Any) -> Sequence[Step]:
        if goal is None:
            return [holder.step("Delete", "Policy", row.name, policy_name=name)]
        return [holder.step("Put", "Policy", row.name, policy_name=name, policy_document=goal)]

    yield Facet(
        _("Inline policy %(name)s") % {"name": name},
        old.get("policyDocument"),
        new.get("policyDocument"),
        holder.action("Get", "Policy"),
        lambda: row.inline_policies.filter(name=name).values_list("document", flat=True).first(),
        move,
    )


def _boundary(holder: Kind, row: Any, record: Record, event: Event) -> Iterator[Facet]:
    def move(start: Any, goal: Any) -> Sequence[Step]:
        if goal is None:
            return [holder.step("Delete", "PermissionsBoundary", row.name)]
        return [holder.step("Put", "PermissionsBoundary", row.name, permissions_boundary=goal)]

    yield Facet(
        _("Permissions boundary"),
        *_both(record, "permissionsBoundary"),
        holder.action("Get"),
        lambda: row.boundary.arn if row.boundary else None,
        move,
        lambda goal: policy_hinders(row, goal, event) if goal else "",
    )


def _tags(holder: Kind, row: Any, record: Record, event: Event) -> Iterator[Facet]:
    old, new = _both(record, "tags", {})
    touched = {key.lower() for key in {**old, **new} if old.get(key) != new.get(key)}  # keys fold case

    def of(tags: Mapping[str, str]) -> dict[str, str]:
        return {key: value for key, value in tags.items() if key.lower() in touched}

    def move(start: Any, goal: Any) -> Iterator[Step]:
        kept = {key.lower() for key in goal}
        if gone := [key for key in start if key.lower() not in kept]:
            yield holder.step("Untag", "", row.name, tag_keys=gone)
        if set_ := [{"Key": key, "Value": value} for key, value in goal.items() if start.get(key) != value]:
            yield holder.step("Tag", "", row.name, tags=set_)

    yield Facet(
        _("Tags"),
        of(old),
        of(new),
        holder.action("List", "Tags"),
        lambda: of({tag.key: tag.value for tag in sorted(row.tags.all(), key=lambda tag: tag.pk)}),
        lambda start, goal: list(move(start, goal)),
    )


def _name(holder: Kind, row: Any, record: Record, event: Event) -> Iterator[Facet]:
    member = f"{holder.key}Name"

    def of(state: Mapping[str, Any]) -> dict[str, Any]:
        return {"name": state.get(member), "path": state.get("path")}

    def move(start: Any, goal: Any) -> Sequence[Step]:
        wanted = {"name": f"new_{holder.parameter}", "path": "new_path"}
        given = {wanted[key]: goal[key] for key in wanted if goal[key] != start[key]}
        return [holder.step("Update", "", start["name"], **given)]

    yield Facet(
        _("Name and path"),
        of(_state(record, "before")),
        of(_state(record, "after")),
        holder.action("Get"),
        lambda: {"name": row.name, "path": row.path},
        move,
    )


def _demanded(holder: Kind, row: Any, record: Record, event: Event) -> Iterator[Facet]:
    """Whether a new password must be chosen; a password itself is not recorded."""
    old, new = _state(record, "before"), _state(record, "after")
    if old.get("passwordChangedAt") == new.get("passwordChangedAt"):
        yield Facet(
            _("A new password must be chosen"),
            bool(old.get("passwordResetRequired")),
            bool(new.get("passwordResetRequired")),
            "iam:GetLoginProfile",
            lambda: _first(LoginProfile.objects.filter(user=row).values_list("reset_required", flat=True)),
            lambda start, goal: [
                Step("iam", "UpdateLoginProfile", {"user_name": row.name, "password_reset_required": goal})
            ],
        )


def _first(rows: Any) -> Any:
    return next(iter(rows[:1]), GONE)


def _key_status(row: Any, key_id: str, before: Any, after: Any) -> Facet:
    def move(start: Any, goal: Any) -> Sequence[Step]:
        return [Step("iam", "UpdateAccessKey", {"user_name": row.name, "access_key_id": key_id, "status": goal})]

    active = AccessKey.objects.filter(user=row, key_id=key_id).values_list("is_active", flat=True)
    return Facet(
        _("Status of the access key %(key)s") % {"key": key_id},
        before,
        after,
        "iam:ListAccessKeys",
        lambda: _as_status(_first(active)),
        move,
    )


def _as_status(active: Any) -> Any:
    return active if active is GONE else "Active" if active else "Inactive"


def _key(holder: Kind, row: Any, record: Record, event: Event) -> Iterator[Facet]:
    yield _key_status(row, str(_given(record).get("accessKeyId")), *_both(record, "status"))


def _contained(holder: Kind, row: Any, record: Record, event: Event) -> Iterator[Facet]:
    for key_id in _state(record, "before").get("activeKeys") or ():
        yield _key_status(row, key_id, "Active", "Inactive")


def _key_details(holder: Kind, row: Any, record: Record, event: Event) -> Iterator[Facet]:
    key_id = str(_given(record).get("accessKeyId"))

    def of(state: Mapping[str, Any]) -> dict[str, Any]:
        return {name: state.get(name) for name in ("description", "expiresAt", "allowedSources")}

    def now() -> Any:
        key = AccessKey.objects.filter(user=row, key_id=key_id).first()
        if key is None:
            return GONE
        expires = key.expires_at.isoformat() if key.expires_at else None
        return {"description": key.description, "expiresAt": expires, "allowedSources": key.allowed_sources}

    def move(start: Any, goal: Any) -> Sequence[Step]:
        ends = datetime.fromisoformat(goal["expiresAt"]) if goal["expiresAt"] else None
        given = {"description": goal["description"], "expires_at": ends, "allowed_sources": goal["allowedSources"]}
        named = {"user_name": row.name, "access_key_id": key_id}
        return [Step("iam", "UpdateAccessKeyDetails", {**named, **{k: v for k, v in given.items() if v is not None}})]

    def hinders(goal: Any) -> str:
        is_over = goal["expiresAt"] and datetime.fromisoformat(goal["expiresAt"]) <= this_moment()
        return _("The expiry date that the key had is over.") if is_over else ""

    label = _("Details of the access key %(key)s") % {"key": key_id}
    old, new = of(_state(record, "before")), of(_state(record, "after"))
    yield Facet(label, old, new, "iam:ListAccessKeys", now, move, hinders)


def _other(kind: Other, member: str) -> "Maker":
    """The status of an SSH key or the like; `member` is how the record calls its id."""

    def make(holder: Kind, row: Any, record: Record, event: Event) -> Iterator[Facet]:
        found = str(_state(record, "before").get(member))
        rows = getattr(row, kind.relation).filter(**{kind.column: found}).values_list("is_active", flat=True)

        def move(start: Any, goal: Any) -> Sequence[Step]:
            named = {"user_name": row.name, kind.parameter: found, "status": goal}
            return [Step("iam", kind.updates.partition(":")[2], named)]

        yield Facet(
            _("Status of %(id)s") % {"id": found},
            *_both(record, "status"),
            kind.lists,
            lambda: _as_status(_first(rows)),
            move,
        )

    return make


def _email(holder: Kind, row: Any, record: Record, event: Event) -> Iterator[Facet]:
    yield Facet(
        _("Email"),
        *_both(record, "email", ""),
        "iam:GetUser",
        lambda: row.email,
        lambda start, goal: [Step("iam", "UpdateUserEmail", {"user_name": row.name, "email": goal})],
    )


def _trust(holder: Kind, row: Any, record: Record, event: Event) -> Iterator[Facet]:
    yield Facet(
        _("Trust policy"),
        *_both(record, "assumeRolePolicyDocument"),
        "iam:GetRole",
        lambda: trust.readable(row.trust_policy),
        lambda start, goal: [
            Step("iam", "UpdateAssumeRolePolicy", {"role_name": row.name, "policy_document": goal}),
        ],
        lambda goal: trust_hinders(goal, event),
    )


def _role(holder: Kind, row: Any, record: Record, event: Event) -> Iterator[Facet]:
    yield _property(row, _("Description"), "description", _both(record, "description"))
    longest = _both(record, "maxSessionDuration")
    yield _property(row, _("Maximum session duration"), "max_session_duration", longest)


def _property(row: Any, label: str, column: str, states: tuple[Any, Any]) -> Facet:
    return Facet(
        label,
        *states,
        "iam:GetRole",
        lambda: getattr(row, column),
        lambda start, goal: [Step("iam", "UpdateRole", {"role_name": row.name, column: goal})],
    )


Maker = Callable[[Kind, Any, Record, Event], Iterator[Facet]]
# By the operation's name; where it is one of users, groups and roles alike, without that word.
BY_NAME: Mapping[str, Maker] = {
    "AttachPolicy": _attached,
    "DetachPolicy": _attached,
    "PutPolicy": _inline,
    "DeletePolicy": _inline,
    "PutPermissionsBoundary": _boundary,
    "DeletePermissionsBoundary": _boundary,
    "Tag": _tags,
    "Untag": _tags,
    "AddUserToGroup": _member,
    "RemoveUserFromGroup": _member,
    "UpdateUser": _name,
    "UpdateGroup": _name,
    "UpdateLoginProfile": _demanded,
    "UpdateAccessKey": _key,
    "UpdateAccessKeyDetails": _key_details,
    "ContainUser": _contained,
    "UpdateSSHPublicKey": _other(SSH_PUBLIC_KEYS, "sSHPublicKeyId"),
    "UpdateSigningCertificate": _other(SIGNING_CERTIFICATES, "certificateId"),
    "UpdateServiceSpecificCredential": _other(SERVICE_CREDENTIALS, "serviceSpecificCredentialId"),
    "UpdateUserEmail": _email,
    "UpdateAssumeRolePolicy": _trust,
    "UpdateRole": _role,
    "UpdateRoleDescription": _role,
}
