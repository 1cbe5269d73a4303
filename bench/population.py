"""A database of any size, filled in bulk: what is measured is asked of it through the real operations and pages."""

import random
from datetime import timedelta

from operations.clock import now
from operations.ids import iam_arn, unique_id

ACCOUNT = "123456789012"
ROLES = 5_000  # the most that AWS grants an account
TEAMS = ("ops", "dev", "sales")
TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"%s"},"Action":"sts:AssumeRole"}]}'
)
ADMINISTRATOR = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'

LIMITS = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'


def prepare_database() -> None:
    """A migrated, empty database in the bench's own folder (or the one that DATABASE_URL names)."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)


def vacuum() -> None:
    """What PostgreSQL's autovacuum does within minutes of so many new rows: indexes alone can then answer."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def make_account() -> None:
    from accounts.models import Account, Group, User, UserInlinePolicy
    from policies.models import ManagedPolicy, PolicyVersion

    if Account.objects.filter(pk=ACCOUNT).exists():
        return
    account = Account.objects.create(id=ACCOUNT, name="Bench")
    User.everyone.create(
        account=account,
        is_root=True,
        name="<root_account>",
        name_key="<root_account>",
        unique_id=ACCOUNT,
        email="root@bench.invalid",
    )
    admin = User.objects.create(account=account, name="admin", name_key="admin", unique_id=unique_id("AIDA"))
    inline = {"name": "all", "name_key": "all", "document": ADMINISTRATOR, "allows_everything": True}
    UserInlinePolicy.objects.create(user=admin, **inline)
    for name in ("staff", "council"):
        Group.objects.create(account=account, name=name, name_key=name, unique_id=unique_id("AGPA"))
    arn = iam_arn(ACCOUNT, "policy/limits")
    limits = ManagedPolicy.objects.create(
        account_id=ACCOUNT, name="limits", name_key="limits", arn=arn, unique_id=unique_id("ANPA")
    )
    PolicyVersion.objects.create(policy=limits, number=1, document=LIMITS)


def grow_roles(total: int) -> None:
    """Roles of services and of users, every tenth bounded, with up to three policies."""
    from accounts.models import Role, RoleAttachment, RoleInlinePolicy
    from policies.models import ManagedPolicy

    if Role.objects.filter(account_id=ACCOUNT).exists():
        return
    limits = ManagedPolicy.objects.get(account_id=ACCOUNT, name="limits")
    services = ("ec2", "lambda", "ecs-tasks", "states")
    made = Role.objects.bulk_create(
        Role(
            account_id=ACCOUNT,
            name=f"role{number:05}",
            name_key=f"role{number:05}",
            unique_id=unique_id("AROA"),
            trust_policy=TRUST % f"{services[number % 4]}.amazonaws.com",
            trusted_first=f"{services[number % 4]}.amazonaws.com",
            boundary=None if number % 10 else limits,
            boundary_key="" if number % 10 else "limits",
        )
        for number in range(total)
    )
    RoleAttachment.objects.bulk_create(RoleAttachment(role=role, policy=limits) for role in made if role.pk % 2)
    RoleInlinePolicy.objects.bulk_create(
        RoleInlinePolicy(role=role, name=name, name_key=name, document=ADMINISTRATOR)
        for role in made
        for name in ("one", "two")[: role.pk % 3]
    )


def grow_users(total: int, seed: int = 7) -> None:
    """Bring the account to `total` users, a tenth of them without MFA, with ages and tags like in life."""
    from accounts.models import Account, Group, Membership, User, UserAttachment, UserTag
    from operations.statistics import analyse
    from policies.models import ManagedPolicy

    make_account()
    grow_roles(ROLES)
    have = User.objects.filter(account_id=ACCOUNT).count()
    if have >= total:
        return
    staff, council = Group.objects.filter(account_id=ACCOUNT, name_key__in=["staff", "council"]).order_by("-name_key")
    limits = ManagedPolicy.objects.get(account_id=ACCOUNT, name="limits")
    dice = random.Random(seed)
    present = now()
    for start in range(have, total, 5000):
        rows = []
        for number in range(start, min(start + 5000, total)):
            name = f"user{number:06}"
            rows.append(
                User(
                    account_id=ACCOUNT,
                    name=name,
                    name_key=name,
                    path=dice.choice(["/", "/", "/ops/", "/sales/"]),
                    unique_id=unique_id("AIDA"),
                    created_at=present - timedelta(days=dice.randrange(2000)),
                    last_activity_at=present - timedelta(hours=dice.randrange(9000)) if dice.random() < 0.8 else None,
                    console_access=dice.random() < 0.7,
                    mfa_device_count=0 if dice.random() < 0.1 else 1,
                    active_key_count=dice.randrange(3),
                    oldest_active_key_at=present - timedelta(days=dice.randrange(1500))
                    if dice.random() < 0.5
                    else None,
                    password_changed_at=present - timedelta(days=dice.randrange(700)) if dice.random() < 0.7 else None,
                    boundary=limits if dice.random() < 0.05 else None,
                    group_count=int(dice.random() < 0.6),
                    email=f"{name}@example.com" if number % 2 else "",
                )
            )
            rows[-1].boundary_key = "limits" if rows[-1].boundary else ""
            if rows[-1].console_access and number % 3:
                rows[-1].password_last_used = present - timedelta(hours=number % 9000)
        made = User.objects.bulk_create(rows)
        tags = [UserTag(user=user, key="team", key_folded="team", value=dice.choice(TEAMS)) for user in made]
        tags += [
            UserTag(user=user, key="project", key_folded="project", value="apollo")
            for user in made[:5]
            if start % 20_000 == 0
        ]
        UserTag.objects.bulk_create(tags, batch_size=5000)
        direct = [UserAttachment(user=user, policy=limits) for user in made if user.pk % 20 == 0]
        UserAttachment.objects.bulk_create(direct, batch_size=5000)
        members = [Membership(user=user, group=staff) for user in made if user.group_count]
        Membership.objects.bulk_create([*members, Membership(user=made[0], group=council)], batch_size=5000)
    for group in (staff, council):
        Group.objects.filter(pk=group.pk).update(member_count=Membership.objects.filter(group=group).count())
    Account.objects.filter(pk=ACCOUNT).update(user_count=User.objects.filter(account_id=ACCOUNT).count())
    analyse()


def admin_caller():  # type: ignore[no-untyped-def]
    """A fresh Caller for the account's administrator, as each request builds one."""
    from access.callers import Connection, user_caller
    from accounts.models import User

    user = (
        User.objects.select_related("account", "boundary")
        .prefetch_related("tags")
        .get(account_id=ACCOUNT, name="admin")
    )
    return user_caller(user, Connection(source_ip="127.0.0.1", user_agent="bench"), now())
