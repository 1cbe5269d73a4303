"""What is lost with a user, group or role that is deleted: said before it happens."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Max, QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import (
    AccessKey,
    Group,
    GroupAttachment,
    GroupInlinePolicy,
    InstanceProfile,
    MembershipRule,
    Role,
    RoleAttachment,
    RoleInlinePolicy,
    User,
    UserAttachment,
    UserInlinePolicy,
)
from accounts.other_credentials import OTHER_CREDENTIALS
from accounts.queries.roles import trusting_by_id
from operations.caller import Caller
from operations.ids import iam_arn
from pages.listing import Loss

NAMED = 5  # names that a page shows before it counts the rest


def losses_of_user(caller: Caller, user: User) -> list[Loss]:
    """What is deleted with a user, and what the user leaves; which roles trust them, to whoever may list roles. A fixed number of
    queries."""
    keys = user.access_keys.order_by("id").values_list("key_id", "is_active")
    words = [f"{key_id} ({_('active') if active else _('inactive')})" for key_id, active in keys]
    devices = user.mfa_devices.order_by("name").values_list("name", flat=True)
    first, *others = (getattr(user, relation).order_by().values_list("pk") for relation, *_rest in OTHER_CREDENTIALS)
    other = first.union(*others, all=True).count()
    inline = user.inline_policies.order_by("name_key").values_list("name", flat=True)
    groups = user.groups.order_by("name_key").values_list("name", flat=True)
    rules = MembershipRule.objects.filter(setter_id=user.unique_id, failed_at=None)
    rules_of = rules.order_by("group__name_key").values_list("group__name", flat=True)
    return _found(
        Loss(int(user.has_password), _("console password is deleted")),
        Loss(int(user.is_invited), _("open invitation to the console ends")),
        _loss(words, lambda n: ngettext("access key is deleted", "access keys are deleted", n)),
        _loss(devices, lambda n: ngettext("MFA device is deleted", "MFA devices are deleted", n)),
        Loss(other, ngettext("other credential is deleted (SSH keys, certificates, passwords of services)",
                             "other credentials are deleted (SSH keys, certificates, passwords of services)", other)),
        _loss(inline, lambda n: ngettext("inline policy is deleted", "inline policies are deleted", n)),
        _loss(_attached(user), lambda n: ngettext("policy is detached, not deleted", "policies are detached, not deleted", n)),
        _loss(groups, lambda n: ngettext("group loses this member", "groups lose this member", n)),
        _loss(rules_of, lambda n: ngettext("group's membership rule stops: this user set it",
                                           "groups' membership rules stop: this user set them", n)),
        _loss(_trusting(caller, [user]).get(user.unique_id, ()), _trust_this_user),
    )  # fmt: skip


def _trust_this_user(number: int) -> str:
    return ngettext(
        "role trusts this user by name (its trust policy will show the unique ID, and trust no new user of this name)",
        "roles trust this user by name (their trust policies will show the unique ID, and trust no new user of this name)",
        number,
    )


def _trust_the_user(roles: Sequence[str]) -> str:
    """The same beside many users, with the first names in the sentence."""
    names = ", ".join(roles[:NAMED]) + (" …" if len(roles) > NAMED else "")
    said = ngettext(
        "role that trusts the user by name: %(names)s", "roles that trust the user by name: %(names)s", len(roles)
    )
    return said % {"names": names}


def _trusting(caller: Caller, users: Sequence[User]) -> Mapping[str, Sequence[str]]:
    """By unique id, the roles of the account that trust some users, for whoever may list roles; the list tells it too."""
    if not users or not caller.may("iam:ListRoles", iam_arn(users[0].account_id, "role/")):
        return {}
    return trusting_by_id(users[0].account_id, [user.unique_id for user in users])


def losses_of_users(caller: Caller, users: Sequence[User]) -> dict[int, list[Loss]]:
    """What is deleted with each of some users of an account, by their primary keys; which roles trust them, to whoever may list
    roles. Three queries at any number."""
    trusting = _trusting(caller, users)
    keys = {
        user: (number, used_at)
        for user, number, used_at in AccessKey.objects.filter(user__in=users)
        .order_by()
        .values_list("user")
        .annotate(number=Count("pk"), used_at=Max("last_used_at"))
    }
    related: list[Any] = [User._meta.get_field(relation).related_model for relation, *_rest in OTHER_CREDENTIALS]  # noqa: SLF001
    inline, attached, *others = _counted("user", users, UserInlinePolicy, UserAttachment, *related)
    found = {}
    for user in users:
        number, used_at = keys.get(user.pk, (0, None))
        counts: list[tuple[int, Callable[[int], str], datetime | None]] = [
            (
                int(user.has_password),
                lambda n: ngettext("console password", "console passwords", n),
                user.password_last_used,
            ),
            (int(user.is_invited), lambda n: ngettext("open invitation", "open invitations", n), None),
            (number, lambda n: ngettext("access key", "access keys", n), used_at),
            (user.mfa_device_count, lambda n: ngettext("MFA device", "MFA devices", n), None),
            (sum(other.get(user.pk, 0) for other in others), _other_credentials, None),
            (inline.get(user.pk, 0), lambda n: ngettext("inline policy", "inline policies", n), None),
            (attached.get(user.pk, 0), lambda n: ngettext("attached policy", "attached policies", n), None),
            (user.group_count, lambda n: ngettext("group membership", "group memberships", n), None),
        ]
        found[user.pk] = [Loss(count, text(count), when) for count, text, when in counts if count]
        if roles := trusting.get(user.unique_id):
            found[user.pk].append(Loss(len(roles), _trust_the_user(roles)))
    return found


def _other_credentials(number: int) -> str:
    return ngettext(
        "other credential (SSH keys, certificates, passwords of services)",
        "other credentials (SSH keys, certificates, passwords of services)",
        number,
    )


def losses_of_groups(groups: Sequence[Group]) -> dict[int, list[Loss]]:
    """What goes with each of some groups, and how many leave it, by their primary keys; one query at any number."""
    inline, attached, ruled = _counted("group", groups, GroupInlinePolicy, GroupAttachment, MembershipRule)
    return {
        group.pk: _found(
            Loss(
                group.member_count,
                ngettext(
                    "member loses what the group grants", "members lose what the group grants", group.member_count
                ),
            ),
            *_of_policies(inline.get(group.pk, 0), attached.get(group.pk, 0)),
            Loss(ruled.get(group.pk, 0), _("membership rule is deleted")),
        )
        for group in groups
    }


def losses_of_roles(roles: Sequence[Role]) -> dict[int, list[Loss]]:
    """What goes with each of some roles, and what loses it, by their primary keys; one query at any number."""
    profiles = InstanceProfile.objects.all()
    inline, attached, own, others = _counted(
        "role",
        roles,
        RoleInlinePolicy,
        RoleAttachment,
        profiles.filter(name=F("role__name")),
        profiles.exclude(name=F("role__name")),
    )
    found = {}
    for role in roles:
        found[role.pk] = _found(
            Loss(int(role.last_used_at is not None), _("role that is in use"), role.last_used_at),
            *_of_policies(inline.get(role.pk, 0), attached.get(role.pk, 0)),
            *_of_profiles(own.get(role.pk, 0), others.get(role.pk, 0)),
        )
    return found


def _of_profiles(own: int, others: int) -> tuple[Loss, Loss]:
    """The instance profile of a role's name, which the console made and deletes with it, and other ones."""
    return (
        Loss(own, _("instance profile of its name is deleted")),
        Loss(others, ngettext("instance profile loses it", "instance profiles lose it", others)),
    )


def _counted(column: str, rows: Sequence[Any], *sources: Any) -> list[dict[int, int]]:
    """How many of each source, a model or some of its rows, each of some rows has, in one query."""
    pks, found = [row.pk for row in rows], [dict[int, int]() for _source in sources]
    parts = [
        (source if isinstance(source, QuerySet) else source.objects)
        .filter(**{f"{column}__in": pks})
        .order_by()
        .annotate(model=Value(place), owner=F(f"{column}_id"))
        .values("model", "owner")
        .annotate(number=Count("pk"))
        .values_list("model", "owner", "number")
        for place, source in enumerate(sources)
    ]
    for place, owner, number in parts[0].union(*parts[1:], all=True):
        found[place][owner] = number
    return found


def _of_policies(inline: int, attached: int) -> tuple[Loss, Loss]:
    return (
        Loss(inline, ngettext("inline policy is deleted", "inline policies are deleted", inline)),
        Loss(attached, ngettext("policy is detached, not deleted", "policies are detached, not deleted", attached)),
    )


def losses_of_group(group: Group) -> list[Loss]:
    """What goes with a group, and who leaves it. Two queries."""
    members = User.objects.filter(memberships__group=group).order_by("name_key").values_list("name", flat=True)
    names: dict[str, list[str]] = {"inline": [], "attached": [], "rule": []}
    first, *others = (
        rows.order_by().values_list(Value(kind), *columns)
        for kind, rows, columns in (
            ("inline", group.inline_policies, ("name_key", "name")),
            ("attached", group.attachments, ("policy__name_key", "policy__name")),
            ("rule", MembershipRule.objects.filter(group=group), ("path_prefix", "name_prefix")),
        )
    )
    for kind, _key, name in sorted(first.union(*others, all=True)):
        names[kind].append(name)
    return _found(
        _loss(
            members[: NAMED + 1],
            lambda n: ngettext("member loses what the group grants", "members lose what the group grants", n),
            group.member_count,
        ),
        _loss(names["inline"], lambda n: ngettext("inline policy is deleted", "inline policies are deleted", n)),
        _loss(
            names["attached"],
            lambda n: ngettext("policy is detached, not deleted", "policies are detached, not deleted", n),
        ),
        Loss(len(names["rule"]), _("membership rule is deleted")),
    )


def losses_of_role(role: Role) -> list[Loss]:
    """What goes with a role, and what loses it. A fixed number of queries."""
    inline = role.inline_policies.order_by("name_key").values_list("name", flat=True)
    profiles = list(role.instance_profiles.order_by("name").values_list("name", flat=True))
    others = [name for name in profiles if name != role.name]
    return _found(
        _loss(inline, lambda n: ngettext("inline policy is deleted", "inline policies are deleted", n)),
        _loss(
            _attached(role),
            lambda n: ngettext("policy is detached, not deleted", "policies are detached, not deleted", n),
        ),
        Loss(len(profiles) - len(others), _("instance profile of its name is deleted")),
        _loss(others, lambda n: ngettext("instance profile loses it", "instance profiles lose it", n)),
    )


def _attached(row: User | Group | Role) -> Any:
    return row.attachments.order_by("policy__name_key").values_list("policy__name", flat=True)


def _loss(names: Iterable[str], text: Callable[[int], str], count: int | None = None) -> Loss:
    found = list(names)
    number = len(found) if count is None else count
    return Loss(number, text(number), names=tuple(found[:NAMED]))


def _found(*losses: Loss) -> list[Loss]:
    return [loss for loss in losses if loss.count]
