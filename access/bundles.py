"""The effective policies of many users and roles at once, in one query: what `access.effective` loads for one of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import CharField, F, IntegerField, Model, QuerySet, TextField, Value

from access.effective import managed, own_grants, prepared
from accounts.models import (
    GroupAttachment,
    GroupInlinePolicy,
    Membership,
    PasswordPolicy,
    Role,
    RoleAttachment,
    RoleInlinePolicy,
    User,
    UserAttachment,
    UserInlinePolicy,
    UserTag,
)
from engine import NamedPolicy
from policies.models import PolicyVersion

# What tells one policy from all others: `("managed", 7, "")`, or the kind and key of whom an inline policy is in, and its name.
Key = tuple[str, int, str]
Held = tuple[Key, NamedPolicy]
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Bundle:
    """The policies of one principal: those that grant, and the boundary; a user's tags with them."""

    identity: Sequence[Held]
    boundary: Held | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Bundles:
    """Those of each principal by unique id, and the roles of the names that were asked for with them."""

    of: Mapping[str, Bundle]
    roles: Sequence[Role] = ()


def bundles(principals: Iterable[User | Role], role_names: Collection[str] = (), *, implicit: bool = True) -> Bundles:
    """The policies of each of some principals of one account, and the roles of some names (in lower case). One query at any number.

    `implicit`: with what users may do without any policy attached.
    """
    rows = list(principals)
    if not rows:
        return Bundles({})
    found: dict[str, list[_Row]] = defaultdict(list)
    first, *others = _parts(rows, role_names)
    for row in first.union(*others, all=True):
        found[row[0]].append(_Row._make(row))
    read = _Read(found, implicit=implicit)
    return Bundles({row.unique_id: read.bundle(row) for row in rows}, [_role(row) for row in found["role named"]])


def object_of(model: type[M], **columns: Any) -> M:
    """An object of which some columns were read; the others are fetched should anybody ask for them."""
    fields = model._meta.concrete_fields  # noqa: SLF001 - Django documents it as public
    names = [each.attname for each in fields if each.attname in columns]
    return model.from_db(DEFAULT_DB_ALIAS, names, [columns[name] for name in names])


# --- the query ------------------------------------------------------------------------------------------------------------

_INLINE: tuple[tuple[str, Any], ...] = (
    ("user", UserInlinePolicy),
    ("group", GroupInlinePolicy),
    ("role", RoleInlinePolicy),
)
_ATTACHED: tuple[tuple[str, Any], ...] = (
    ("user", UserAttachment),
    ("group", GroupAttachment),
    ("role", RoleAttachment),
)


class _Row(NamedTuple):
    """What all parts of the query have; a part leaves empty what it has no use for."""

    part: str
    holder: int  # whose row it is
    other: int  # the group or policy that the holder has
    name: str
    text: str
    arn: str  # of a role its path
    account_id: str


def _part(rows: "QuerySet[Any]", part: str, *, holder: str, **columns: str) -> "QuerySet[Any, Any]":
    """The rows of one part, each column by the field that it comes from."""
    numbers, texts = (Value(0, output_field=IntegerField()), Value("", output_field=TextField()))
    empty = {"other": numbers, "name": texts, "text": texts, "arn": texts, "account_id": texts}
    given = [F(columns[name]) if name in columns else value for name, value in empty.items()]
    return rows.order_by().values_list(Value(part, output_field=CharField()), F(holder), *given)


def _parts(rows: Sequence[User | Role], role_names: Collection[str]) -> "Iterator[QuerySet[Any, Any]]":
    users, roles = ([row.pk for row in rows if isinstance(row, model)] for model in (User, Role))
    members = Membership.objects.filter(user__in=users)
    ids: dict[str, Any] = {"user": users, "group": members.values("group_id"), "role": roles}
    yield _part(members, "group", holder="user_id", other="group_id")
    attached = []
    for kind, model in _INLINE:
        inline = model.objects.filter(**{f"{kind}__in": ids[kind]})
        yield _part(inline, f"{kind} inline", holder=f"{kind}_id", name="name", text="document")
    for kind, model in _ATTACHED:
        attached.append(model.objects.filter(**{f"{kind}__in": ids[kind]}).order_by())
        yield _part(attached[-1], f"{kind} attached", holder=f"{kind}_id", other="policy_id")
    policies = [each.values("policy_id") for each in attached]
    boundaries = {row.boundary_id for row in rows if row.boundary_id}
    for which in (policies[0].union(*policies[1:]), boundaries):
        versions = PolicyVersion.objects.filter(policy__in=which, number=F("policy__default_version"))
        columns = {"name": "policy__name", "arn": "policy__arn", "account_id": "policy__account_id"}
        yield _part(versions, "managed", holder="policy_id", text="document", **columns)
    yield _part(UserTag.objects.filter(user__in=users), "tag", holder="user_id", name="key", text="value")
    password = PasswordPolicy.objects.filter(account=rows[0].account_id, allow_users_to_change=True)
    yield _part(password, "password", holder="pk")
    if role_names:
        named = Role.objects.filter(name_key__in=role_names)
        columns = {"name": "name", "arn": "path", "account_id": "account_id"}
        yield _part(named, "role named", holder="pk", text="trust_policy", **columns)


def _role(row: _Row) -> Role:
    return object_of(Role, id=row.holder, account_id=row.account_id, name=row.name, path=row.arn, trust_policy=row.text)


# --- what was found -------------------------------------------------------------------------------------------------------


class _Read:
    """The rows of the query by whose they are."""

    def __init__(self, found: Mapping[str, Sequence[_Row]], *, implicit: bool) -> None:
        self.implicit = implicit
        self.others: dict[tuple[str, int], list[int]] = defaultdict(list)
        self.inline: dict[tuple[str, int], list[Held]] = defaultdict(list)
        self.tags: dict[int, dict[str, str]] = defaultdict(dict)
        for part in ("group", *(f"{kind} attached" for kind, _ in _ATTACHED)):
            for row in found.get(part, ()):
                self.others[part, row.holder].append(row.other)
        for kind, _model in _INLINE:
            for row in found.get(f"{kind} inline", ()):
                named = NamedPolicy(row.name, prepared(row.text), kind)
                self.inline[kind, row.holder].append(((kind, row.holder, row.name), named))
        for row in found.get("tag", ()):
            self.tags[row.holder][row.name] = row.text
        self.managed = {row.holder: (("managed", row.holder, ""), _named(row)) for row in found.get("managed", ())}
        self.password = bool(found.get("password"))

    def bundle(self, row: User | Role) -> Bundle:
        """The policies of one principal."""
        is_user = isinstance(row, User)
        ways = [("user", row.pk), *(("group", pk) for pk in self.others["group", row.pk])] if is_user else []
        ways = ways or [("role", row.pk)]
        held = {policy: self.managed[policy] for kind, pk in ways for policy in self.others[f"{kind} attached", pk]}
        own = own_grants(row, password=self.password) if self.implicit and isinstance(row, User) else []
        identity = [*(each for way in ways for each in self.inline[way]), *held.values()]
        identity += [(("implicit", row.pk, each.name), each) for each in own]
        boundary = self.managed[row.boundary_id] if row.boundary_id else None
        return Bundle(identity, boundary, self.tags[row.pk] if is_user else {})


def _named(row: _Row) -> NamedPolicy:
    return managed(row.name, row.arn, row.account_id, row.text)
