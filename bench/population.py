"""A database of any size, filled in bulk: what is measured is asked of it through the real operations and pages."""

import random
from datetime import timedelta

from operations.clock import now
from operations.ids import iam_arn, unique_id

ACCOUNT = "123456789012"
TEAMS = ("ops", "dev", "sales")
ADMINISTRATOR = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'


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
    from policies.models import ManagedPolicy

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
    UserInlinePolicy.objects.create(user=admin, name="all", name_key="all", document=ADMINISTRATOR)
    for name in ("staff", "council"):
        Group.objects.create(account=account, name=name, name_key=name, unique_id=unique_id("AGPA"))
    arn = iam_arn(ACCOUNT, "policy/limits")
    ManagedPolicy.objects.create(
        account_id=ACCOUNT, name="limits", name_key="limits", arn=arn, unique_id=unique_id("ANPA")
    )


def grow_users(total: int, seed: int = 7) -> None:
    """Bring the account to `total` users, a tenth of them without MFA, with ages and tags like in life."""
    from accounts.models import Account, Group, Membership, User, UserTag
    from operations.statistics import analyse
    from policies.models import ManagedPolicy

    make_account()
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
                )
            )
        made = User.objects.bulk_create(rows)
        tags = [UserTag(user=user, key="team", key_folded="team", value=dice.choice(TEAMS)) for user in made]
        tags += [
            UserTag(user=user, key="project", key_folded="project", value="apollo")
            for user in made[:5]
            if start % 20_000 == 0
        ]
        UserTag.objects.bulk_create(tags, batch_size=5000)
        members = [Membership(user=user, group=staff) for user in made if user.group_count]
        Membership.objects.bulk_create([*members, Membership(user=made[0], group=council)], batch_size=5000)
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
