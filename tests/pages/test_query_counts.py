"""Every page asks the database as often in a large account as in a small one."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Group, Membership, Role, User, UserAttachment
from accounts.operations.aliases import create_account_alias
from accounts.operations.attachments import attach_group_policy
from accounts.operations.groups import create_group
from federation.models import IssuedSession
from operations import clock
from operations.models import Event
from policies.models import ManagedPolicy, PolicyVersion
from policies.operations.managed_policies import create_policy
from tests.every_page import READ, TRUST, WRITE, Populated, pages, populate
from tests.reviews import ALL, ASKED, BULK, OTHER, SINGLE, placed
from tests.signing_in import sign_in

ACCOUNT = "123456789012"
MANY = 1000
MOST = 15
MORE = 3  # what a list asks besides once it has several pages: its count, and the ids of its rows


@pytest.fixture
def made(account, admin, nobody) -> Populated:
    found = populate(account, admin, nobody)
    create_policy(admin, policy_name="second", policy_document=OTHER)
    create_account_alias(admin, account_alias="acme")
    create_group(admin, group_name="crew")
    attach_group_policy(admin, group_name="crew", policy_arn=found.values["arn"])
    open_sessions(found, 1)
    return found


def open_sessions(made: Populated, number: int) -> None:
    """Sessions of the role that its page shows."""
    role = Role.objects.get(name=made.values["role"])
    begun = {"account_id": ACCOUNT, "kind": IssuedSession.ROLE, "subject": role.unique_id}
    IssuedSession.objects.bulk_create(
        IssuedSession(key_id=f"ASIA{number}N{n}", expires_at=clock.now() + timedelta(days=1), **begun)
        for n in range(number)
    )


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
    open_sessions(made, MANY)


def sent(client: Any, address: str, data: Any) -> Any:
    return client.get(address) if data is None else client.post(address, data)


def walk(client: Any, made: Populated) -> Iterator[tuple[str, str, Any]]:
    """Name, address and what is posted (None where nothing is) of every page and review."""
    for name, address, _html in list(pages(client, made)):
        if name != "design":  # which shows every component there is
            yield name, address, None
    second = ManagedPolicy.objects.get(name="second").arn
    policy = ManagedPolicy.objects.get(arn=made.values["arn"])
    known = {"second": second, "inline": READ, "versions": f"{policy.latest_version} {policy.default_version}"}
    for name, review in BULK.items():
        address, data = placed(review, made, **known)
        yield name, address, {**ALL, **data}
    for name, review in SINGLE.items():
        yield name, *placed(review, made, **known)
    for name, review in ASKED.items():
        address, data = placed(review, made, **known)
        yield name, f"{address}?{urlencode(data)}", None


def counts(client: Any, made: Populated) -> Iterator[tuple[str, list[str]]]:
    """What each page asks when it is read again: the first time fills what a process keeps."""
    for name, address, data in walk(client, made):
        sent(client, address, data)
        with CaptureQueriesContext(connection) as asked:
            response = sent(client, address, data)
        assert response.status_code == 200, (name, response.status_code)
        assert data is None or not asks_again(response.content.decode()), name
        yield name, [query["sql"] for query in asked.captured_queries]


def asks_again(html: str) -> bool:
    """Whether a form came back with what is wrong in it, and no review."""
    return 'class="field wrong' in html or "error-summary" in html


def test_every_page_asks_at_most_fifteen_times_in_a_small_account_and_in_a_large_one(made, admin):
    client = Client()
    sign_in(client, User.objects.get(pk=admin.user_id), mfa=True)
    with clock.at(clock.now()):  # a session is touched once a minute, and that is no matter of the page
        before = dict(counts(client, made))
        grow(made)
        after = dict(counts(client, made))
    assert after.keys() == before.keys()
    grown = {
        name: (len(before[name]), len(asked)) for name, asked in after.items() if len(asked) > len(before[name]) + MORE
    }
    assert grown == {}
    many = {name: max(len(before[name]), len(asked)) for name, asked in after.items()}
    assert {name: number for name, number in many.items() if number > MOST} == {}
