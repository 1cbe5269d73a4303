"""What the editor asks the server: findings, formatted text, completions; and the frame in which it stands."""

import json

import pytest
from django.urls import reverse

from accounts.operations.roles import create_role
from accounts.operations.users import create_user
from policies.adding import offer_of
from policies.completion import completions
from tests.every_page import TRUST
from tests.policies.conftest import document
from tests.signing_in import sign_in

LISTS = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[%s],"Resource":"*"}]}'


@pytest.fixture
def administrator(client, make_user):
    sign_in(client, make_user("nora"))  # checking needs no permission: it tells nothing about the account
    return client


def post(administrator, name, text, kind="identity"):
    body = json.dumps({"document": text, "kind": kind})
    return administrator.post(reverse(f"policies:{name}"), body, content_type="application/json")


def test_findings_come_with_places_counts_and_the_size_that_counts(administrator):
    text = document("s3:GetObjet").replace(", ", ",\n  ")
    found = post(administrator, "check", text).json()
    assert found["size"] == len("".join(text.split()))
    assert found["limit"] == 6144
    assert found["said"].startswith("1 error")
    mark = next(each for each in found["marks"] if each["severity"] == "ERROR")
    assert text.splitlines()[mark["line"] - 1][mark["column"] - 1 : mark["endColumn"] - 1] == '"s3:GetObjet"'
    assert "Did you mean s3:GetObject?" in found["html"]


@pytest.mark.parametrize(("written", "meant"), [("s3:GetObjet", "s3:GetObject"), ("GetObject", "s3:GetObject")])
def test_the_name_that_was_meant_is_offered_as_a_fix(administrator, written, meant):
    html = post(administrator, "check", document(written)).json()["html"]
    assert f"Change to {meant}" in html


def test_a_fix_is_an_edit_of_the_text(administrator):
    text = document().replace('"Allow"', '"allow"')
    html = post(administrator, "check", text).json()["html"]
    assert "data-fix" in html


def test_what_is_written_is_shown_as_text(administrator):
    html = post(administrator, "check", document("s3:<script>alert(1)</script>")).json()["html"]
    assert "<script>" not in html


@pytest.mark.parametrize("kind", ["identity", "trust", "boundary", "session", "resource", "scp", "rcp"])
def test_every_kind_is_checked(administrator, kind):
    assert post(administrator, "check", document(), kind).status_code == 200
    assert administrator.get(reverse("policies:editor"), {"kind": kind}).status_code == 200


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"document": 5, "kind": "identity"}', '{"document": "{}", "kind": "poem"}', '{"document": "' + "x" * 60_001 + '", "kind": "identity"}'])  # fmt: skip
def test_what_is_no_document_is_refused(administrator, body):
    for name in ("check", "format"):
        assert administrator.post(reverse(f"policies:{name}"), body, content_type="application/json").status_code == 400
    assert administrator.get(reverse("policies:editor"), {"kind": "poem"}).status_code == 400


def test_an_empty_text_has_no_findings(administrator):
    assert post(administrator, "check", "  ").json()["marks"] == []


def test_a_text_is_laid_out_on_request_or_its_fault_is_told(administrator):
    assert post(administrator, "format", document()).json()["text"].count("\n") > 8
    wrong = post(administrator, "format", '{"Version": ')
    assert wrong.status_code == 422
    assert wrong.json()["line"] == 1


def test_strangers_get_nothing(client, account):
    assert client.get(reverse("policies:complete"), {"place": "action", "text": "s3"}).status_code in {302, 401, 403}
    assert post(client, "check", document()).status_code in {302, 401, 403}


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        ({"place": "action", "text": "s"}, "s3:"),
        ({"place": "action", "text": "s3:GetObj"}, "s3:GetObject"),
        ({"place": "action", "text": "sts:", "kind": "trust"}, "sts:AssumeRole"),
        ({"place": "resource", "text": "arn:aws:s3:"}, "arn:aws:s3:::*"),
        ({"place": "resource", "text": "", "services": "iam"}, "arn:aws:iam::123456789012:role/*"),
        ({"place": "operator", "text": "String"}, "StringLike"),
        ({"place": "key", "text": "aws:Source"}, "aws:SourceIp"),
        ({"place": "key", "text": "s3:", "services": "s3"}, "s3:prefix"),
        ({"place": "service", "text": "ec2"}, "ec2.amazonaws.com"),
        ({"place": "principal", "text": "arn"}, "arn:aws:iam::123456789012:root"),
    ],
)
def test_completions_fit_the_place(administrator, asked, value):
    found = administrator.get(reverse("policies:complete"), asked).json()["found"]
    assert value in [each["value"] for each in found]


def test_an_unknown_place_or_service_completes_nothing():
    assert completions("poem", "s3") == []
    assert completions("action", "nothing:Get") == []


def test_completions_that_begin_with_the_text_come_first():
    found = [each.value for each in completions("key", "aws:s")]
    assert found[0].lower().startswith("aws:s")


def test_the_field_works_without_script(client, admin):
    from accounts.models import User

    sign_in(client, User.objects.get(name="alice"))
    shown = client.get(reverse("policies:create")).content.decode()
    assert 'data-editor="identity"' in shown
    assert '<textarea name="policy_document"' in shown
    assert "data-editor-frame hidden" in shown


def offered(client, text):
    asked = {"place": "principal", "text": text, "kind": "trust"}
    return [each["value"] for each in client.get(reverse("policies:complete"), asked).json()["found"]]


@pytest.fixture
def trusting(system, other_account):
    """Two users, and a role that trusts another account."""
    create_user(system, user_name="dora", path="/ops/")
    create_user(system, user_name="emil")
    create_role(system, role_name="Deploy", assume_role_policy_document=TRUST % "210987654321")


@pytest.fixture
def lister(client, make_user):
    sign_in(client, make_user("liz", LISTS % '"iam:ListUsers","iam:ListRoles"'))
    return client


def test_trust_policies_are_completed_with_the_users_roles_and_accounts(lister, trusting):
    own = "arn:aws:iam::123456789012:"
    assert {f"{own}user/ops/dora", f"{own}user/emil", f"{own}role/Deploy", f"{own}root"} <= set(offered(lister, ""))
    assert offered(lister, "DOR") == [f"{own}user/ops/dora"]
    assert offered(lister, f"{own}role/dep") == [f"{own}role/Deploy"]
    assert offered(lister, f"{own}role/dora") == []
    assert offered(lister, "21098") == ["arn:aws:iam::210987654321:root"]


def test_only_principals_that_the_reader_may_list_are_offered(client, make_user, trusting):
    sign_in(client, make_user("vera", '{"Version":"2012-10-17","Statement":[]}'))
    assert offered(client, "arn") == ["arn:aws:iam::123456789012:root"]
    sign_in(client, make_user("una", LISTS % '"iam:ListUsers"'))
    found = offered(client, "")
    assert "arn:aws:iam::123456789012:user/emil" in found
    assert not [value for value in found if ":role/" in value or "210987654321" in value]


def test_principals_are_searched_for_with_a_bound(lister, system, monkeypatch):
    monkeypatch.setattr("accounts.offered.MOST", 3)
    for number in range(5):
        create_user(system, user_name=f"worker-{number}")
    assert len(offered(lister, "worker")) == 3
    assert len(offered(lister, "worker-4")) == 1


def test_the_document_is_said_in_sentences_that_lead_to_their_lines(administrator):
    html = post(administrator, "check", document("s3:Get*", effect="Deny").replace(", ", ",\n")).json()["sentences"]
    assert "Denies every action of Amazon S3 that begins with Get, on every resource." in html
    assert 'data-go-to="2:15"' in html
    assert post(administrator, "check", '{"Version":').json()["sentences"] == ""
    assert "data-sentences" in administrator.get(reverse("policies:editor"), {"kind": "identity"}).content.decode()


def test_trust_policies_have_sentences_too_and_other_kinds_none(administrator):
    html = post(administrator, "check", TRUST % "123456789012", "trust").json()["sentences"]
    assert "Any user or role of this account whose own policies allow it may assume the role." in html
    assert post(administrator, "check", document(), "scp").json()["sentences"] == ""
    assert "data-sentences" not in administrator.get(reverse("policies:editor"), {"kind": "scp"}).content.decode()


def test_a_role_that_anybody_may_assume_is_warned_of_unless_a_condition_narrows_it(administrator):
    html = post(administrator, "check", TRUST % "*", "trust").json()["sentences"]
    assert '<li class="warning">' in html
    assert "Open to everybody" in html
    assert "Anybody, of any account may assume the role." in html
    narrowed = json.loads(TRUST % "*")
    narrowed["Statement"][0]["Condition"] = {"StringEquals": {"sts:ExternalId": "x-1"}}  # no secret, so anybody's
    html = post(administrator, "check", json.dumps(narrowed), "trust").json()["sentences"]
    assert '<li class="warning">' in html
    assert "That does not say who: whoever meets it may come, from any account." in html
    narrowed["Statement"][0]["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    html = post(administrator, "check", json.dumps(narrowed), "trust").json()["sentences"]
    assert '<li class="allowed">' in html
    assert "Open to everybody" not in html
    assert "That does not say who" not in html


def test_what_is_said_is_escaped_and_bounded(administrator):
    html = post(administrator, "check", document("s3:<script>alert(1)</script>")).json()["sentences"]
    assert "&lt;script&gt;" in html
    assert "<script>" not in html
    text = '{"Statement": [%s]}' % ",".join(['{"Effect":"Deny","Action":"a:b"}'] * 1_500)
    answer = post(administrator, "check", text)
    assert answer.json()["sentences"].count("<li") == 60
    assert "1440 more statements are not put into words here." in answer.json()["sentences"]


def test_the_panel_of_actions_offers_what_there_is_of_a_service(administrator):
    html = administrator.get(reverse("policies:actions"), {"service": "SQS"}).content.decode()
    assert 'value="sqs:SendMessage"' in html
    assert 'value="arn:aws:sqs:*:123456789012:*"' in html
    assert 'value="aws:SourceIp"' in html
    assert 'data-operator="IpAddress"' in html


@pytest.mark.parametrize("service", ["", "nowhere", "s3:", "<b>", "x" * 500])
def test_there_is_nothing_to_offer_of_a_service_that_is_none(administrator, service):
    assert administrator.get(reverse("policies:actions"), {"service": service}).status_code == 404


def test_the_panel_of_actions_is_for_identity_policies_alone(administrator):
    for kind, is_there in (("identity", True), ("boundary", True), ("trust", False), ("scp", False), ("resource", False)):  # fmt: skip
        html = administrator.get(reverse("policies:editor"), {"kind": kind}).content.decode()
        assert ("data-add-actions" in html) is is_there


def test_each_action_knows_its_resources_and_its_keys():
    offer = offer_of("s3", "123456789012")
    found = {action.name: action for _level, actions in offer.levels for action in actions}
    resources = [offer.resources[int(place)].name for place in found["s3:GetObject"].resources.split()]
    keys = [offer.keys[int(place)].name for place in found["s3:GetObject"].keys.split()]
    assert resources == ["accesspointobject", "object"]
    assert "s3:ExistingObjectTag/" in keys
    assert "s3:prefix" not in keys
    assert found["s3:ListAllMyBuckets"].resources == ""
    assert offer.number == len(found) > 150
