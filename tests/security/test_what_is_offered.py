"""Nobody is offered what would be refused: every page, walked over by readers who may change nothing, and by administrators too."""

import json
from html.parser import HTMLParser

import pytest
from django.test import Client

from accounts.models import MfaDevice, User
from accounts.operations.access_keys import create_access_key
from tests.every_page import pages, populate
from tests.signing_in import sign_in

# What anybody who is signed in may send, by its address or the page it stands on, and why.
FREE = {
    "/sign-out/": "ends the own session",
    "/session/": "keeps the own session",
    "/sign-in/": "is the sign-in itself",
    "/preferences/": "keeps the reader's own preferences",
    "/simulator/": "asks, and changes nothing",
    "/compare/": "leads to a page, and changes nothing",
    "/account-settings/password-policy/try/": "tries a password, and changes nothing",
    "/roles/deploy/trust/try/": "tries a token, and changes nothing",
    "/switch-role/": "is decided by the role's trust policy, which needs no policy of the user",
    "/security-credentials/sessions/": "ends own sessions, which everybody may",
    "/security-credentials/temporary/revoke/": "ends own sessions, which everybody may",
}
READ_ALL = ["iam:Get*", "iam:List*", "iam:Simulate*", "iam:Generate*", "cloudtrail:LookupEvents"]


def allowing(*actions, resource="*"):
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resource}]}
    )


class Offered(HTMLParser):
    """The forms of a page that can be sent, and where its links lead."""

    def __init__(self, address: str, html: str) -> None:
        super().__init__()
        self.address, self.forms, self.links, self.by_id = address, [], set(), {}
        self.open, self.button = None, None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.open = {"to": given.get("action") or self.address, "buttons": 0, "post": given.get("method") == "post"}
            self.by_id[given.get("id")] = self.open
            self.forms.append(self.open)
        elif tag == "button" and given.get("type") != "button" and given.get("name") != "show-commands":
            form = self.by_id.get(given["form"]) if "form" in given else self.open
            if form is not None and not given.get("formaction", "").startswith(tuple(FREE)):
                form["buttons"] += 1
        elif tag == "a" and given.get("href", "").startswith(("/", "?")):
            href = given["href"]
            self.links.add(self.address.partition("?")[0] + href if href.startswith("?") else href)

    def handle_endtag(self, tag):
        if tag == "form":
            self.open = None


def offered(client, made):
    """Of every page that opens: its name, the forms that it offers and are free to nobody, and its links that are refused."""
    answers = {}
    for name, address, html in pages(client, made):
        found = Offered(address, html)
        forms = {
            form["to"]
            for form in found.forms
            if form["post"] and form["buttons"] and not form["to"].startswith(tuple(FREE))
        }
        for link in found.links - answers.keys():
            answers[link] = client.get(link).status_code
        yield name, forms, {link for link in found.links if answers[link] == 403}


@pytest.fixture
def walk(account, admin, nobody, make_user, system):
    made = populate(account, admin, nobody)

    def run(document):
        user = make_user("reader", document)
        key = create_access_key(system, user_name="reader")["AccessKey"]["AccessKeyId"]
        device = MfaDevice.objects.create(
            account=account,
            user=user,
            name="reader-phone",
            serial_number=f"arn:aws:iam::{account.pk}:mfa/reader-phone",
            seed="A" * 32,
            enabled_at=user.created_at,
        )
        User.objects.filter(pk=user.pk).update(mfa_device_count=1)
        made.values.update(own_key=key, own_device=str(device.pk))
        client = Client()
        sign_in(client, user, mfa=True)
        return list(offered(client, made))

    return run


def test_who_may_only_read_is_offered_nothing_that_changes(walk):
    found = walk(allowing(*READ_ALL))
    assert len(found) > 50
    assert {name: forms for name, forms, _refused in found if forms} == {}
    assert {name: refused for name, _forms, refused in found if refused} == {}


@pytest.mark.parametrize(
    ("action", "listed"),
    [
        ("iam:ListUsers", "accounts:users"),
        ("iam:ListGroups", "accounts:groups"),
        ("iam:ListRoles", "accounts:roles"),
        ("iam:ListPolicies", "policies:policies"),
    ],
)
def test_who_may_only_list_sees_the_list_and_nothing_else(walk, action, listed):
    found = walk(allowing(action))
    assert listed in {name for name, _forms, _refused in found}
    assert {name: forms for name, forms, _refused in found if forms} == {}
    assert {name: refused for name, _forms, refused in found if refused} == {}


def test_who_has_no_policy_is_led_nowhere(walk):
    found = walk(allowing("s3:GetObject"))
    assert {name: forms for name, forms, _refused in found if forms} == {}
    assert {name: refused for name, _forms, refused in found if refused} == {}


def test_administrators_are_offered_what_they_may(walk):
    found = walk(allowing("*"))
    assert sum(bool(forms) for _name, forms, _refused in found) > 25
    assert {name: refused for name, _forms, refused in found if refused} == {}


def test_what_may_only_be_read_is_still_shown(account, admin, nobody, make_user):
    made = populate(account, admin, nobody)
    client = Client()
    sign_in(client, make_user("reader", allowing(*READ_ALL)))
    for address in ("/users/dora/tags/", "/roles/deploy/tags/", f"/policies/tags/{made.values['arn']}/"):
        page = client.get(address).content.decode().partition("<main")[2]
        assert '<th scope="row" class="mono">team</th><td class="mono">blue</td>' in page
        assert "Save tags" not in page
    inline = client.get("/users/dora/inline/own/").content.decode()
    assert "s3:Get*" in inline
    assert "Save without review" not in inline
