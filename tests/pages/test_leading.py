"""Whoever has made something is led to its page, or no further than may be seen."""

import json

import pytest
from django.urls import reverse

from tests.every_page import TRUST
from tests.signing_in import sign_in

READ = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
MAKING = {
    "user": ("accounts:user-create", {"user_names": "x", "access": "none", "path": "/a/", "create": "1"}),
    "group": ("accounts:group-create", {"group_name": "x", "path": "/a/"}),
    "role": (
        "accounts:role-create",
        {
            "role_name": "x", "trusted": "custom", "policy_document": TRUST % "123456789012", "path": "/a/",
            "max_session_duration": "3600", "create": "1",
        },
    ),
    "policy": ("policies:create", {"policy_name": "x", "policy_document": READ, "path": "/a/", "create": "1"}),
}  # fmt: skip
LISTS = {"user": "/users/", "group": "/groups/", "role": "/roles/", "policy": "/policies/"}


@pytest.mark.parametrize("kind", list(MAKING))
def test_whoever_creates_is_led_no_further_than_may_be_seen(client, make_user, account, kind):
    address, sent = MAKING[kind]
    create, name = f"iam:Create{kind.capitalize()}", kind.capitalize()
    plural = "Policies" if kind == "policy" else f"{name}s"
    looks = {f"iam:Get{name}": "its page", f"iam:List{plural}": LISTS[kind], "s3:GetObject": reverse(address)}
    for number, (allowed, leads_to) in enumerate(looks.items()):
        actions = json.dumps([create, allowed])
        document = f'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":{actions},"Resource":"*"}}]}}'
        sign_in(client, make_user(f"maker{number}", document))
        key = "user_names" if kind == "user" else f"{kind}_name"
        answer = client.post(reverse(address), sent | {key: f"x{number}"})
        assert answer.status_code == 302, answer.content.decode()[:200]
        page = (
            reverse("policies:policy", args=[f"arn:aws:iam::123456789012:policy/a/x{number}"])
            if kind == "policy"
            else f"{LISTS[kind]}x{number}/"
        )
        assert answer.url == (page if leads_to == "its page" else leads_to)
        assert client.get(answer.url).status_code == 200
