"""Tags stand in the lists of users, roles and policies, cut with a count, for who may read them."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User, UserTag
from accounts.operations.roles import create_role
from accounts.operations.users import create_user
from operations.ids import unique_id
from policies.operations.managed_policies import create_policy
from tests.accounts.browser import html_of, text_of
from tests.conftest import ACCOUNT, ADMINISTRATOR
from tests.every_page import TRUST
from tests.signing_in import sign_in

LISTS = ("users", "roles", "policies")


@pytest.fixture
def tagged(system):
    tags = [
        {"Key": key, "Value": value} for key, value in (("zone", "eu:1"), ("Cost", "7"), ("team", "ops"), ("a", ""))
    ]
    create_user(system, user_name="dora", tags=tags)
    create_role(system, role_name="dora", assume_role_policy_document=TRUST % f"arn:aws:iam::{ACCOUNT}:root", tags=tags)
    create_policy(system, policy_name="dora", policy_document=ADMINISTRATOR, tags=tags)


def document(*actions):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]})


@pytest.mark.parametrize("kind", LISTS)
def test_the_first_are_shown_and_the_rest_counted(administrator, tagged, kind):
    page = administrator.get(f"/{kind}/?columns=tags&q=dora")
    assert "a Cost=7 team=ops and 1 more" in text_of(page)
    assert "Cost=7" not in html_of(administrator.get(f"/{kind}/?q=dora"))


@pytest.mark.parametrize("kind", LISTS)
def test_an_export_has_all_of_them(administrator, tagged, kind):
    answer = administrator.get(f"/{kind}/?columns=tags&q=dora&export=json")
    (row,) = [row for row in json.loads(b"".join(answer.streaming_content)) if row["name"] == "dora"]
    assert row["tags"] == ["a", "Cost=7", "team=ops", "zone=eu:1"]


def test_a_long_one_is_whole_in_its_title(administrator, system):
    create_user(system, user_name="dora", tags=[{"Key": "note", "Value": "x" * 200}])
    page = html_of(administrator.get("/users/?columns=tags"))
    assert f'title="note={"x" * 200}"' in page


@pytest.mark.parametrize(("kind", "word"), [("users", "User"), ("roles", "Role"), ("policies", "Policy")])
def test_the_column_needs_what_reading_tags_needs(client, make_user, tagged, kind, word):
    listing = f"iam:List{kind.capitalize()}"
    sign_in(client, make_user("vera", document(listing)), mfa=True)
    for query in ("?columns=tags", "?columns=tags&export=csv", f"?preview={User.objects.get(name='dora').pk}"):
        answer = client.get(f"/{kind}/{query}")
        said = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert b"Cost" not in said
        assert b'type="checkbox" name="columns" value="tags"' not in said
    sign_in(client, make_user("walt", document(listing, f"iam:List{word}Tags")), mfa=True)
    assert "Cost=7" in text_of(client.get(f"/{kind}/?columns=tags"))


def test_a_preview_has_the_tags_too(administrator, tagged):
    pk = User.objects.get(name="dora").pk
    assert "Tags a Cost=7 team=ops and 1 more" in text_of(administrator.get(f"/users/?preview={pk}"))


def test_the_list_costs_the_same_number_of_queries_at_any_size(administrator, account):
    def grow(start, end):
        users = User.objects.bulk_create(
            User(account=account, name=f"u{n}", name_key=f"u{n}", unique_id=unique_id("AIDA"))
            for n in range(start, end)
        )
        UserTag.objects.bulk_create(UserTag(user=user, key="team", key_folded="team", value="red") for user in users)

    def count(query):
        with CaptureQueriesContext(connection) as asked:
            administrator.get(f"/users/?size=100{query}")
        return len(asked)

    grow(0, 150)
    count("")
    few, with_tags = count(""), count("&columns=tags")
    assert with_tags == few + 1
    grow(150, 1000)
    assert (count(""), count("&columns=tags")) == (few, with_tags)
