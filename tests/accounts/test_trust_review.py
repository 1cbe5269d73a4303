"""The review of a trust policy: who may assume the role before and after, who gains and who loses it, before anything is saved."""

import json
import re

import pytest
from django.urls import reverse

from access import trust_changes
from accounts.models import Role, User
from accounts.operations.roles import create_role, update_assume_role_policy
from accounts.operations.service_linked_roles import create_service_linked_role
from accounts.trust import readable
from accounts.trust_outsiders import outsiders
from operations.ids import unique_id
from operations.models import Event
from policies.saving import mark
from tests.accounts.browser import text_of
from tests.conftest import ACCOUNT, ADMINISTRATOR
from tests.signing_in import sign_in

ARN = f"arn:aws:iam::{ACCOUNT}"
ROOT = f"{ARN}:root"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
MAY_ASSUME = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}'
EDITOR = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["iam:GetRole", "iam:UpdateAssumeRolePolicy"], "Resource": "*"}]}
)  # fmt: skip


def statement(principal, condition=None, effect="Allow", **more):
    given = {"Effect": effect, "Principal": principal, "Action": "sts:AssumeRole", **more}
    return given | ({"Condition": condition} if condition else {})


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


PAGE = "/roles/deploy/trust/"
OLD = document(statement({"AWS": ROOT}))


@pytest.fixture
def administrator(client, make_user):
    sign_in(client, make_user("alice", ADMINISTRATOR), mfa=True)
    return client


@pytest.fixture
def deploy(system, make_user):
    for name, policy in (("dora", MAY_ASSUME), ("erin", MAY_ASSUME), ("finn", None)):
        make_user(name, policy)
    User.objects.filter(name__in=("alice", "dora")).update(mfa_device_count=1)
    create_role(system, role_name="deploy", assume_role_policy_document=OLD)
    return Role.objects.get()


def posted(client, typed, button="review"):
    seen = mark(readable(Role.objects.get(name="deploy").trust_policy))
    return client.post(PAGE, {"policy_document": typed, "seen": seen, button: "1"})


def who(page):
    """Name → before and after, in words, of those for whom it changes."""
    found = page.context["change"].who.value
    return {
        group: {each.row.name: tuple(way and way.needs for way in (each.before, each.after)) for each in getattr(found, group)}
        for group in ("gaining", "losing", "differing")
    }  # fmt: skip


def test_nothing_is_saved_before_it_is_reviewed(administrator, deploy):
    new = document(statement({"AWS": f"{ARN}:user/finn"}))
    before = Role.objects.get().trust_policy
    page = posted(administrator, new)
    assert page.status_code == 200
    assert Role.objects.get().trust_policy == before
    assert not Event.objects.filter(name="UpdateAssumeRolePolicy").exists()
    shown = text_of(page)
    assert "Any user or role of this account whose own policies allow it may assume the role." in shown
    assert "The user finn may assume the role." in shown
    assert "Save trust policy" in shown
    assert "in force" in shown
    assert "in this form" in shown
    back = posted(administrator, new, "edit")
    assert back.context["form"]["policy_document"].value() == new
    assert back.context["change"] is None
    assert Role.objects.get().trust_policy == before
    assert posted(administrator, new, "save").status_code == 302
    assert readable(Role.objects.get().trust_policy) == new


def test_a_form_without_a_button_leads_to_the_review(administrator, deploy):
    before = Role.objects.get().trust_policy
    page = administrator.post(
        PAGE, {"policy_document": document(statement({"AWS": f"{ARN}:user/finn"})), "seen": mark(OLD)}
    )
    assert page.context["change"]
    assert Role.objects.get().trust_policy == before


def test_who_gains_and_who_loses_are_found_and_linked(administrator, deploy):
    page = posted(administrator, document(statement({"AWS": [f"{ARN}:user/finn", f"{ARN}:user/dora"]})))
    assert who(page) == {
        "gaining": {"finn": (None, "")},
        "losing": {"alice": ("", None), "erin": ("", None)},
        "differing": {},
    }
    assert page.context["change"].who.value.keeping == 1
    shown = page.content.decode()
    for name in ("finn", "erin"):
        assert f'href="{reverse("accounts:user", args=[name])}"' in shown
    assert "1 gains it. 2 lose it. For 1 it stays as it is." in text_of(page)
    assert "For other accounts, services and identity providers nothing changes." in text_of(page)


def test_who_comes_under_other_conditions_then_is_told_with_them(administrator, deploy):
    page = posted(administrator, document(statement({"AWS": ROOT}, MFA)))
    assert who(page)["differing"] == {"alice": ("", "With MFA"), "dora": ("", "With MFA")}
    assert who(page)["losing"] == {"erin": ("", "Only with MFA")}, "who has no device cannot then"
    row = re.search(r'href="/users/erin/".*?</tr>', page.content.decode(), re.DOTALL)[0]
    assert "Has no device, so cannot now" in row
    assert "Has no device" not in re.search(r'href="/users/dora/".*?</tr>', page.content.decode(), re.DOTALL)[0]


def test_roles_gain_it_too(administrator, system, deploy):
    create_role(
        system, role_name="ci", assume_role_policy_document=document(statement({"Service": "ec2.amazonaws.com"}))
    )
    page = posted(administrator, document(statement({"AWS": [ROOT, f"{ARN}:role/ci"]})))
    assert who(page) == {"gaining": {"ci": (None, "")}, "losing": {}, "differing": {}}
    assert f'href="{reverse("accounts:role", args=["ci"])}"' in page.content.decode()


def test_a_denial_shuts_out_whom_it_names(administrator, deploy):
    denied = statement({"AWS": f"{ARN}:user/dora"}, effect="Deny")
    page = posted(administrator, document(statement({"AWS": ROOT}), denied))
    assert who(page) == {"gaining": {}, "losing": {"dora": ("", None)}, "differing": {}}
    assert "What is denied is not the same then" in text_of(page)


def test_nobody_is_said_to_gain_by_a_change_of_white_space(administrator, deploy):
    page = posted(administrator, json.dumps(json.loads(OLD), indent=2))
    assert "Nobody of this account gains or loses it. For 3 it stays as it is." in text_of(page)


def test_the_preview_is_what_becomes_of_it(administrator, deploy):
    """Who is said to gain or lose it is who can assume it, by the page that says so of the saved policy."""

    def assumers():
        page = administrator.get(reverse("federation:role-who-can-assume", args=["deploy"]))
        return {one.row.name for one in page.context["answer"].value.found}

    for new in (
        document(statement({"AWS": f"{ARN}:user/finn"})),
        document(statement({"AWS": "*"}), statement({"AWS": f"{ARN}:user/erin"}, effect="Deny")),
        document(statement({"Service": "ec2.amazonaws.com"})),
        OLD,
    ):
        before = assumers()
        told = who(posted(administrator, new))
        posted(administrator, new, "save")
        assert assumers() == (before | told["gaining"].keys()) - told["losing"].keys()


@pytest.mark.parametrize(
    ("old", "new", "heading"),
    [
        (OLD, document(statement({"AWS": "*"}, MFA)), "Then anybody can assume this role"),
        (document(statement({"AWS": "*"})), document(statement({"AWS": "*"}, MFA)), "Anybody can assume this role, as before"),
        (document(statement({"AWS": "*"})), OLD, "Anybody can assume this role now, and no longer then"),
        (OLD, document(statement({"AWS": "*"}, {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}})), ""),
    ],
)  # fmt: skip
def test_a_role_that_opens_to_anybody_is_warned_of(administrator, system, deploy, old, new, heading):
    update_assume_role_policy(system, role_name="deploy", policy_document=old)
    shown = text_of(posted(administrator, new))
    assert (heading in shown) if heading else ("nybody can assume this role" not in shown)


def test_without_everybody_s_policies_it_is_not_told_who(client, make_user, deploy):
    sign_in(client, make_user("vera", EDITOR))
    page = posted(client, document(statement({"AWS": f"{ARN}:user/finn"})))
    shown = text_of(page)
    assert page.status_code == 200
    assert "iam:GetAccountAuthorizationDetails" in shown
    assert "erin" not in shown
    assert "Loses it" not in shown
    assert "The user finn may assume the role." in shown
    assert posted(client, document(statement({"AWS": f"{ARN}:user/finn"})), "save").status_code == 302


def test_findings_stand_in_the_review(administrator, deploy):
    page = posted(administrator, document(statement({"AWS": ROOT}, {"StringLike": {"aws:PrincipalArn": "*"}})))
    assert page.context["review"].number > 0
    assert "Findings" in text_of(page)


def test_a_service_linked_role_is_not_reviewed(administrator, system):
    name = create_service_linked_role(system, aws_service_name="autoscaling.amazonaws.com")["Role"]["RoleName"]
    role = Role.objects.get(name=name)
    answer = administrator.post(
        reverse("accounts:role-trust", args=[name]),
        {"policy_document": OLD, "seen": mark(role.trust_policy), "review": "1"},
    )
    assert answer.context["change"] is None
    assert "only modifiable by AWS" in text_of(answer)


def test_those_who_are_named_are_asked_about_first_and_the_rest_is_said_to_be_left_out(
    administrator, deploy, monkeypatch
):
    monkeypatch.setattr(trust_changes, "ASKED", 1)
    page = posted(administrator, document(statement({"AWS": [ROOT, f"{ARN}:user/finn"]})))
    assert who(page)["gaining"] == {"finn": (None, "")}
    total = User.objects.count() + Role.objects.count() - 1
    assert f"1 of the {total} users and other roles were asked about" in text_of(page)


def test_of_many_the_first_are_named_and_all_are_counted(administrator, account, deploy):
    User.objects.bulk_create(
        User(account=account, name=f"u{n:02}", name_key=f"u{n:02}", unique_id=unique_id("AIDA")) for n in range(30)
    )
    page = posted(administrator, document(statement({"AWS": "*"})))
    shown = text_of(page)
    assert "31 gain it. For 3 it stays as it is." in shown
    assert "and 6 more" in shown
    assert page.content.decode().count("Gains it") == 25 + 1
    assert "u28, u29" in shown, "the rest unfolds"


def test_who_could_not_for_want_of_a_device_gains_it(administrator, system, deploy):
    update_assume_role_policy(system, role_name="deploy", policy_document=document(statement({"AWS": ROOT}, MFA)))
    page = posted(administrator, OLD)
    assert who(page)["gaining"] == {"erin": ("Only with MFA", "")}
    assert who(page)["losing"] == {}


# --- everybody else -------------------------------------------------------------------------------------------------------

OTHER = "210987654321"
OIDC = f"{ARN}:oidc-provider/id.example.com"


@pytest.mark.parametrize(
    ("before", "after", "gained", "lost", "denials"),
    [
        ([statement({"AWS": ROOT})], [statement({"AWS": f"{ARN}:user/finn"})], [], [], False),
        ([statement({"AWS": ACCOUNT})], [statement({"AWS": f"{ARN}:role/x"})], [], [], False),
        (
            [statement({"AWS": ROOT})],
            [statement({"AWS": [ROOT, "*"]})],
            ["Anybody, of any account may assume the role."],
            [],
            False,
        ),
        (
            [statement({"AWS": OTHER}, {"StringEquals": {"sts:ExternalId": "x-1"}})],
            [statement({"AWS": OTHER})],
            [f"Any user or role of account {OTHER} whose policies there allow it may assume the role."],
            [f"Any user or role of account {OTHER} whose policies there allow it may assume the role, only while the external ID is x-1."],
            False,
        ),
        (
            [statement({"Service": ["ec2.amazonaws.com", "glue.amazonaws.com"]})],
            [statement({"Service": "glue.amazonaws.com"}), statement({"Federated": OIDC}, Action="sts:AssumeRoleWithWebIdentity")],
            ["Whoever signs in through id.example.com may assume the role with a token of their identity provider."],
            ["The service ec2.amazonaws.com may assume the role."],
            False,
        ),
        ([statement({"AWS": "*"})], [statement({"AWS": "*"}), statement({"AWS": OTHER}, effect="Deny")], [], [], True),
        (
            [statement({"AWS": ROOT})],
            [{"Effect": "Allow", "NotPrincipal": {"AWS": ROOT}, "Action": "sts:AssumeRole"}],
            ["Everybody except any user or role of this account whose own policies allow it may assume the role."],
            [],
            False,
        ),
    ],
)  # fmt: skip
def test_what_changes_for_everybody_else(before, after, gained, lost, denials):
    found = outsiders(document(*before), document(*after), ACCOUNT)
    assert [str(each) for each in found.gained] == gained
    assert [str(each) for each in found.lost] == lost
    assert found.denials_change is denials
    assert bool(found) is bool(gained or lost or denials)


def test_only_what_is_open_to_everybody_is_marked_so():
    found = outsiders(document(statement({"AWS": ROOT})), document(statement({"AWS": ["*", OTHER]})), ACCOUNT)
    assert [each.open for each in found.gained] == [True, False]


def test_a_stored_text_that_is_no_policy_let_nobody_in():
    assert [str(each) for each in outsiders("nonsense", document(statement({"AWS": OTHER})), ACCOUNT).gained]
