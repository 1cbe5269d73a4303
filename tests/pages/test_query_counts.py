"""Every page asks the database as often in a large account as in a small one."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Group, Membership, Role, User, UserAttachment
from operations.models import Event
from policies.models import ManagedPolicy, PolicyVersion
from tests.every_page import TRUST, WRITE, Populated, pages, populate
from tests.signing_in import sign_in

ACCOUNT = "123456789012"
MANY = 1000
MORE = 3  # what a list asks besides once it has several pages: its count, and the ids of its rows


@pytest.fixture
def made(account, admin, nobody) -> Populated:
    return populate(account, admin, nobody)


def grow(made: Populated) -> None:
    """A thousand of each: users in the group, with the policy; roles that the account may assume; Events of the user."""
    group = Group.objects.get(name=made.values["group"])
    policy = ManagedPolicy.objects.get(arn=made.values["arn"])
    dora = User.objects.get(name="dora")
    named = [{"name": f"more-{number}", "name_key": f"more-{number}"} for number in range(MANY)]
    users = User.objects.bulk_create(
        User(account_id=ACCOUNT, unique_id=f"AIDAMORE{n}", **each) for n, each in enumerate(named)
    )
    Membership.objects.bulk_create(Membership(user=user, group=group) for user in users)
    UserAttachment.objects.bulk_create(UserAttachment(user=user, policy=policy) for user in users)
    Group.objects.bulk_create(
        Group(account_id=ACCOUNT, unique_id=f"AGPAMORE{n}", **each) for n, each in enumerate(named)
    )
    trust = TRUST % f"arn:aws:iam::{ACCOUNT}:root"
    Role.objects.bulk_create(
        Role(account_id=ACCOUNT, unique_id=f"AROAMORE{n}", trust_policy=trust, **each) for n, each in enumerate(named)
    )
    policies = ManagedPolicy.objects.bulk_create(
        ManagedPolicy(
            account_id=ACCOUNT, unique_id=f"ANPAMORE{n}", arn=f"arn:aws:iam::{ACCOUNT}:policy/more-{n}", **each
        )
        for n, each in enumerate(named)
    )
    PolicyVersion.objects.bulk_create(PolicyVersion(policy=each, number=1, document=WRITE) for each in policies)
    Event.objects.bulk_create(
        Event(
            account_id=ACCOUNT,
            sequence=n + 1_000_000,
            event_id=f"00000000-0000-4000-8000-{n:012}",
            time="2026-01-01T00:00:00Z",
            name="GetUser",
            source="iam.amazonaws.com",
            read_only=True,
            principal_id=dora.unique_id,
            user_name="dora",
            record="{}",
            previous_hash="",
            hash="",
        )
        for n in range(MANY)
    )


def counts(client: Any, made: Populated) -> Iterator[tuple[str, list[str]]]:
    """What each page asks when it is read again: the first time fills what a process keeps."""
    for name, address, _html in list(pages(client, made)):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(address)
        yield name, [query["sql"] for query in asked.captured_queries]


def test_no_page_asks_more_of_a_large_account(made, admin):
    client = Client()
    sign_in(client, User.objects.get(pk=admin.user_id))
    before = dict(counts(client, made))
    grow(made)
    after = dict(counts(client, made))
    assert after.keys() == before.keys()
    grown = {
        name: (len(before[name]), len(asked)) for name, asked in after.items() if len(asked) > len(before[name]) + MORE
    }
    assert grown == {}
