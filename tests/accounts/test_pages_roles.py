"""The pages of roles: list, creation for each type of trusted entity, trust, sessions, deletion, and whoever may not."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import InstanceProfile, Role, RoleInlinePolicy
from accounts.operations.attachments import attach_role_policy
from accounts.operations.inline_policies import put_role_policy
from accounts.operations.instance_profiles import add_role_to_instance_profile, create_instance_profile
from accounts.operations.roles import create_role, update_assume_role_policy, update_role
from accounts.operations.users import create_user
from operations.ids import unique_id
from operations.models import Event
from policies.operations.managed_policies import create_policy
from tests.accounts.browser import seen_at, text_of
from tests.conftest import ACCOUNT
from tests.signing_in import sign_in

READ = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
LIST_ONLY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListRoles","Resource":"*"}]}'


def trusting(principal, action="sts:AssumeRole"):
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal, "Action": action}]}
    )


DORA = f"arn:aws:iam::{ACCOUNT}:user/dora"
EC2 = trusting({"Service": "ec2.amazonaws.com"})


@pytest.fixture
def web(system):
    create_role(system, role_name="web", assume_role_policy_document=EC2, description="The shop")
    return Role.objects.get()


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def at(name, role="web"):
    return reverse(f"accounts:{name}", args=[role])


# --- the list -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("q=WE", True),
        ("q=shop", True),
        ("q=zz", False),
        ("f=trusts:eq:ec2.amazonaws.com", True),
        ("f=trusts:eq:lambda.amazonaws.com", False),
        ("f=trusts:ne:lambda.amazonaws.com", True),
        ("f=used:eq:never", True),
        ("f=kind:eq:service-linked", False),
        ("f=policies:gt:0", False),
        ("f=tag:eq:team=ops", False),
    ],
)
def test_the_list_shows_whom_each_role_trusts_and_is_filtered(administrator, web, query, found):
    shown = text(administrator.get(reverse("accounts:roles") + "?" + query))
    assert (at("role") in shown) is found
    assert ("ec2.amazonaws.com</span>" in shown) is found


def test_a_role_that_people_may_assume_has_a_link_to_switch_to_it(administrator, system, web):
    trust = trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
    for name, written in (("ops", "ops"), ("ops+=@1", "ops%2B%3D%401")):
        create_role(system, role_name=name, path="/x/", assume_role_policy_document=trust)
        address = f"http://testserver{reverse('federation:switch-role')}?account={ACCOUNT}&amp;roleName={written}"
        assert address in administrator.get(reverse("accounts:role", args=[name])).content.decode()
        form = administrator.get(address.replace("&amp;", "&")).context["form"]
        assert (form["account"].value(), form["role_name"].value()) == (ACCOUNT, name)
    assert "roleName" not in administrator.get(reverse("accounts:role", args=["web"])).content.decode()


def test_trusted_users_are_named_though_they_are_stored_by_their_ids(administrator, system):
    create_user(system, user_name="dora")
    create_role(
        system, role_name="web", assume_role_policy_document=trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:user/dora"})
    )
    shown = text(administrator.get(reverse("accounts:roles")))
    assert f"arn:aws:iam::{ACCOUNT}:user/dora" in shown
    exported = administrator.get(reverse("accounts:roles") + "?export=csv")
    assert b"user/dora" in b"".join(exported.streaming_content if exported.streaming else [exported.content])


@pytest.mark.parametrize("number", [10, 1000])
def test_the_list_costs_the_same_number_of_queries_at_any_size(
    administrator, account, number, django_assert_max_num_queries
):
    Role.objects.bulk_create(
        Role(account=account, name=f"r{n:04}", name_key=f"r{n:04}", unique_id=unique_id("AROA"), trust_policy=EC2)
        for n in range(number)
    )
    administrator.get(reverse("accounts:roles"))
    with django_assert_max_num_queries(15):
        administrator.get(reverse("accounts:roles"))


def test_an_account_without_roles_is_told_what_a_role_is(administrator):
    shown = text(administrator.get(reverse("accounts:roles")))
    assert "No roles yet" in shown
    assert "Create role" in shown


def test_a_reader_of_the_list_sees_it_and_nothing_else(client, make_user, web):
    sign_in(client, make_user("vera", LIST_ONLY))
    shown = text(client.get(reverse("accounts:roles")))
    assert "web" in shown
    assert "Create role" not in shown
    for name in ("role", "role-trust", "role-tags", "role-sessions", "role-edit", "role-delete", "role-attach"):
        refused = client.get(at(name))
        assert refused.status_code == 403, name
        assert "iam:GetRole" in text(refused)


def test_whoever_may_not_list_is_refused(client, make_user):
    sign_in(client, make_user("nora"))
    assert client.get(reverse("accounts:roles")).status_code == 403
    assert client.get(reverse("accounts:role-create")).status_code == 403


# --- creation -------------------------------------------------------------------------------------------------------------

ASKED = {"role_name": "web", "path": "/", "max_session_duration": "3600", "trusted": "service"}
OIDC = f"arn:aws:iam::{ACCOUNT}:oidc-provider/id.example.com"
SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"


@pytest.mark.parametrize(
    ("chosen", "principal", "condition"),
    [
        ({"trusted": "service", "service": "lambda.amazonaws.com"}, {"Service": "lambda.amazonaws.com"}, None),
        ({"trusted": "account"}, {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, None),
        (
            {"trusted": "account", "account_id": "2109-8765-4321", "external_id": "x-1", "require_mfa": "on"},
            {"AWS": "arn:aws:iam::210987654321:root"},
            {"StringEquals": {"sts:ExternalId": "x-1"}, "Bool": {"aws:MultiFactorAuthPresent": "true"}},
        ),
        (
            {"trusted": "web_identity", "web_provider": OIDC, "audience": "shop"},
            {"Federated": OIDC},
            {"StringEquals": {"id.example.com:aud": "shop"}},
        ),
        (
            {"trusted": "web_identity", "web_provider": "graph.facebook.com", "audience": "12"},
            {"Federated": "graph.facebook.com"},
            {"StringEquals": {"graph.facebook.com:app_id": "12"}},
        ),
        (
            {"trusted": "saml", "saml_provider": SAML},
            {"Federated": SAML},
            {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
        ),
    ],
)
def test_each_type_of_trusted_entity_writes_its_trust_policy(
    administrator, other_account, chosen, principal, condition
):
    asked = ASKED | chosen
    review = text(administrator.post(reverse("accounts:role-create"), asked | {"review": "1"}))
    assert "may assume the role" in review
    assert "aws iam create-role" in review
    assert not Role.objects.exists()
    administrator.post(reverse("accounts:role-create"), asked | {"create": "1"})
    statement = json.loads(Role.objects.get().trust_policy)["Statement"][0]
    assert statement["Principal"] == principal
    assert statement.get("Condition") == condition


def test_an_account_that_is_not_here_is_told_before_anything_is_made(administrator):
    asked = ASKED | {"trusted": "account", "account_id": "999999999999"}
    for button in ("review", "create"):
        shown = text(administrator.post(reverse("accounts:role-create"), asked | {button: "1"}))
        assert "Invalid principal in policy" in shown
        assert "999999999999:root" in shown
    assert not Role.objects.exists()


def test_a_role_gets_everything_at_once(administrator, system):
    arn = create_policy(system, policy_name="reading", policy_document=READ)["Policy"]["Arn"]
    asked = ASKED | {
        "trusted": "custom", "policy_document": EC2.replace(", ", ",\r\n"), "policies": arn, "permissions_boundary": arn,
        "description": "The shop", "max_session_duration": "7200", "path": "/apps/", "tags": "team = ops", "create": "1",
    }  # fmt: skip
    administrator.post(reverse("accounts:role-create"), asked)
    role = Role.objects.get()
    assert role.trust_policy == EC2.replace(", ", ",\n")
    assert (role.description, role.max_session_duration, role.path) == ("The shop", 7200, "/apps/")
    assert role.boundary.arn == arn
    assert role.attachments.get().policy.arn == arn
    assert [tag.value for tag in role.tags.all()] == ["ops"]


def test_a_role_for_ec2_gets_an_instance_profile(administrator):
    administrator.post(reverse("accounts:role-create"), ASKED | {"service": "ec2.amazonaws.com", "create": "1"})
    assert InstanceProfile.objects.get(name="web").role.name == "web"


def test_the_instance_profile_of_its_name_goes_with_a_role_and_both_can_be_made_again(administrator, system):
    """There is no page on which a profile that is left over could be deleted; one of another name stays."""
    asked = ASKED | {"service": "ec2.amazonaws.com", "create": "1"}
    administrator.post(reverse("accounts:role-create"), asked)
    create_instance_profile(system, instance_profile_name="machine")
    add_role_to_instance_profile(system, instance_profile_name="machine", role_name="web")
    shown = text(administrator.get(reverse("accounts:role-delete", args=["web"])))
    assert "instance profile of its name is deleted" in shown
    assert "instance profile loses it" in shown
    chosen = {"select": [Role.objects.get().pk]}
    review = text(administrator.post(reverse("accounts:roles-delete"), chosen))
    assert "<b>1</b> instance profile of its name is deleted" in review
    assert "<b>1</b> instance profile loses it" in review
    administrator.post(reverse("accounts:role-delete", args=["web"]), {"confirmation": "web"})
    assert not Role.objects.exists()
    assert list(InstanceProfile.objects.values_list("name", "role")) == [("machine", None)]
    assert administrator.post(reverse("accounts:role-create"), asked).status_code == 302


def test_an_instance_profile_of_its_name_without_a_role_is_used_and_the_review_says_so(administrator, system):
    create_instance_profile(system, instance_profile_name="Web", path="/left/")
    asked = ASKED | {"service": "ec2.amazonaws.com"}
    told = "It is there already, without a role: the new role is put into it."
    assert told in text(administrator.post(reverse("accounts:role-create"), asked | {"review": "1"}))
    assert told not in text(
        administrator.post(reverse("accounts:role-create"), asked | {"review": "1", "role_name": "x"})
    )
    assert administrator.post(reverse("accounts:role-create"), asked | {"create": "1"}).status_code == 302
    profile = InstanceProfile.objects.get()
    assert (profile.name, profile.path, profile.role.name) == ("Web", "/left/", "web")
    assert Event.objects.filter(name="CreateInstanceProfile").count() == 1, "that of the call that left it"


def test_an_instance_profile_of_its_name_with_another_role_still_stands_in_the_way(administrator, system):
    administrator.post(
        reverse("accounts:role-create"),
        ASKED | {"role_name": "other", "service": "lambda.amazonaws.com", "create": "1"},
    )
    create_instance_profile(system, instance_profile_name="web")
    add_role_to_instance_profile(system, instance_profile_name="web", role_name="other")
    asked = ASKED | {"service": "ec2.amazonaws.com"}
    assert "It is there already" not in text(
        administrator.post(reverse("accounts:role-create"), asked | {"review": "1"})
    )
    shown = text(administrator.post(reverse("accounts:role-create"), asked | {"create": "1"}))
    assert "Instance Profile web already exists." in shown
    assert not Role.objects.filter(name="web").exists()


def test_who_may_put_no_role_into_a_profile_is_not_told_of_it(client, make_user, system):
    create_instance_profile(system, instance_profile_name="web")
    grant = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:CreateRole", "Resource": "*"}]}
    sign_in(client, make_user("vera", json.dumps(grant)), mfa=True)
    asked = ASKED | {"service": "ec2.amazonaws.com"}
    assert "It is there already" not in text(client.post(reverse("accounts:role-create"), asked | {"review": "1"}))
    refused = text(client.post(reverse("accounts:role-create"), asked | {"create": "1"}))
    assert "iam:CreateInstanceProfile" in refused
    assert not Role.objects.exists()


def test_who_may_not_delete_the_profile_of_a_role_does_not_delete_the_role(client, make_user, administrator):
    administrator.post(reverse("accounts:role-create"), ASKED | {"service": "ec2.amazonaws.com", "create": "1"})
    may = ["iam:ListRoles", "iam:DeleteRole", "iam:RemoveRoleFromInstanceProfile"]
    grant = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": may, "Resource": "*"}]}
    sign_in(client, make_user("vera", json.dumps(grant)), mfa=True)
    review = text(client.post(reverse("accounts:roles-delete"), {"select": [Role.objects.get().pk]}))
    assert "iam:DeleteInstanceProfile" in review


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({}, "This field is required."),
        ({"service": "not a service"}, "A service is named as in ec2.amazonaws.com."),
        ({"trusted": "account", "account_id": "12"}, "An account ID has 12 digits."),
        ({"trusted": "web_identity", "web_provider": "https://x", "audience": "y"}, "Type the provider"),
        ({"trusted": "custom", "policy_document": '{\n"Version": '}, "Line 2: "),
        ({"trusted": "account", "max_session_duration": "60"}, "Choose a duration from 1 hour to 12 hours."),
        ({"trusted": "account", "role_name": "no spaces"}, "Use letters, digits"),
        ({"trusted": "account", "description": "The shop – ours"}, "Use letters, digits and signs of Latin-1 only"),
        ({"trusted": "account", "path": "apps"}, "Begin and end with a slash"),
        ({"trusted": "account", "path": "/aws-service-role/x/"}, "is reserved for roles that AWS creates."),
        ({"trusted": "account", "policies": f"arn:aws:iam::{ACCOUNT}:policy/none"}, "policy/none"),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_nothing_is_lost(administrator, chosen, sentence):
    asked = ASKED | {"description": "The shop", "create": "1"} | chosen
    shown = text(administrator.post(reverse("accounts:role-create"), asked))
    assert sentence in shown
    assert "The shop" in shown
    assert not Role.objects.exists()
    assert not InstanceProfile.objects.exists()


def test_what_belongs_to_another_type_does_not_count(administrator):
    asked = ASKED | {"trusted": "account", "service": "not a service", "policy_document": "{", "create": "1"}
    administrator.post(reverse("accounts:role-create"), asked)
    assert Role.objects.exists()


def test_a_taken_name_is_said_at_the_name(administrator, web):
    shown = text(
        administrator.post(
            reverse("accounts:role-create"), ASKED | {"trusted": "account", "role_name": "WEB", "create": "1"}
        )
    )
    assert "Role with name WEB already exists." in shown


# --- one role -------------------------------------------------------------------------------------------------------------


def test_permissions_are_attached_written_and_taken(administrator, system, web):
    arn = create_policy(system, policy_name="reading", policy_document=READ)["Policy"]["Arn"]
    administrator.post(at("role-attach"), {"policy_arn": arn, "attach": "1"})
    administrator.post(at("role-inline-create"), {"policy_name": "own", "policy_document": READ})
    shown = text(administrator.get(at("role")))
    assert "reading" in shown
    assert "own" in shown
    administrator.post(at("role-detach"), {"policy_arn": arn})
    administrator.post(at("role-inline-delete"), {"policy_name": "own"})
    assert "Nothing is allowed without a policy: attach one." in text(administrator.get(at("role")))
    seen = re.search(r'name="seen" value="(\w+)"', text(administrator.get(at("role-boundary"))))[1]
    administrator.post(at("role-boundary"), {"permissions_boundary": arn, "seen": seen, "changed": "1"})
    assert Role.objects.get().boundary.arn == arn


def test_tags(administrator, web):
    seen = re.search(r'name="seen" value="(\w+)"', text(administrator.get(at("role-tags"))))[1]
    administrator.post(at("role-tags"), {"tags": "team = ops", "seen": seen})
    assert [tag.key for tag in web.tags.all()] == ["team"]


def test_the_trust_policy_is_said_and_changed(administrator, web):
    assert "The service ec2.amazonaws.com may assume the role." in text_of(administrator.get(at("role-trust")))
    seen = seen_at(administrator, at("role-trust"))
    new = trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
    administrator.post(at("role-trust"), {"policy_document": new, "seen": seen, "save": "1"})
    assert Role.objects.get().trust_policy == new
    assert "this account" in text(administrator.get(at("role-trust")))


def test_a_bad_trust_policy_is_kept_with_awss_sentence(administrator, web):
    seen = re.search(r'name="seen" value="(\w+)"', text(administrator.get(at("role-trust"))))[1]
    for bad, sentence in (
        (trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:user/nobody"}), "Invalid principal in policy"),
        ("{", "This policy contains invalid Json"),
        (trusting({"Service": "x" * 2100 + ".amazonaws.com"}), "Cannot exceed quota for ACLSizePerRole"),
    ):
        for button in ("review", "save"):
            answer = administrator.post(at("role-trust"), {"policy_document": bad, "seen": seen, button: "1"})
            assert sentence in text(answer)
            assert answer.context["form"]["policy_document"].value() == bad
    assert Role.objects.get().trust_policy == EC2


def test_the_later_of_two_sees_what_the_other_saved(administrator, system, web):
    seen = re.search(r'name="seen" value="(\w+)"', text(administrator.get(at("role-trust"))))[1]
    theirs = trusting({"Service": "lambda.amazonaws.com"})
    update_assume_role_policy(system, role_name="web", policy_document=theirs)
    mine = trusting({"Service": "glue.amazonaws.com"})
    for button in ("review", "save"):
        answer = administrator.post(at("role-trust"), {"policy_document": mine, "seen": seen, button: "1"})
        assert answer.status_code == 409
        assert "Somebody changed this" in text(answer)
        assert answer.context["form"]["policy_document"].value() == mine
        assert Role.objects.get().trust_policy == theirs
    seen = answer.context["form"]["seen"].value()
    administrator.post(at("role-trust"), {"policy_document": mine, "seen": seen, "save": "1"})
    assert Role.objects.get().trust_policy == mine


def test_whoever_may_only_read_gets_no_form(client, make_user, web):
    rights = LIST_ONLY.replace("iam:ListRoles", "iam:Get*")
    sign_in(client, make_user("vera", rights))
    shown = text(client.get(at("role-trust")))
    assert "may assume the role" in shown
    assert "Save trust policy" not in shown
    for button in ("review", "save"):
        refused = client.post(at("role-trust"), {"policy_document": EC2, "seen": mark_of(EC2), button: "1"})
        assert refused.status_code == 403
        assert "iam:UpdateAssumeRolePolicy" in text(refused)


def mark_of(document):
    from accounts.views.permissions import mark

    return mark(document)


def test_description_and_session_are_changed(administrator, system, web):
    seen = re.search(r'name="seen" value="(\w+)"', text(administrator.get(at("role-edit"))))[1]
    administrator.post(at("role-edit"), {"description": "The new shop", "max_session_duration": "43200", "seen": seen})
    role = Role.objects.get()
    assert (role.description, role.max_session_duration) == ("The new shop", 43200)
    update_role(system, role_name="web", description="Theirs")
    answer = administrator.post(
        at("role-edit"),
        {"description": "Mine", "max_session_duration": "43200", "seen": mark_of("The new shop\n43200")},
    )
    assert answer.status_code == 409
    shown = text(answer)
    assert (
        '<dt class="mono">Description</dt><dd><del><span class="sign" aria-hidden="true">−</span><span>Theirs</span></del>'
        in shown
    )
    assert "Last change:" in shown
    assert ">UpdateRole</a>" in shown
    assert shown.count("Theirs and yours") == 1
    wrong = text(administrator.post(at("role-edit"), {"description": "Mine", "max_session_duration": "5", "seen": "x"}))
    assert "Choose a duration from 1 hour to 12 hours." in wrong
    assert "Mine" in wrong


def test_who_changed_it_meanwhile_is_told_only_to_who_may_read_the_trail(client, make_user, system, web):
    rights = LIST_ONLY.replace('"iam:ListRoles"', '["iam:Get*", "iam:UpdateRole"]')
    sign_in(client, make_user("vera", rights))
    update_role(system, role_name="web", description="Theirs")
    answer = client.post(at("role-edit"), {"description": "Mine", "max_session_duration": "3600", "seen": "x"})
    assert answer.status_code == 409
    assert "Theirs" in text(answer)
    assert "Last change:" not in text(answer)


def test_revoking_denies_older_sessions_and_repeating_moves_the_date(administrator, web):
    administrator.post(at("role-sessions"))
    first = RoleInlinePolicy.objects.get(name="AWSRevokeOlderSessions")
    statement = json.loads(first.document)["Statement"][0]
    assert (statement["Effect"], statement["Action"], statement["Resource"]) == ("Deny", ["*"], ["*"])
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", statement["Condition"]["DateLessThan"]["aws:TokenIssueTime"]
    )
    administrator.post(at("role-sessions"))
    assert RoleInlinePolicy.objects.get().document != first.document
    assert "Revoked" in text(administrator.get(at("role-sessions")))


def test_revoking_needs_its_permission(client, make_user, web):
    sign_in(client, make_user("vera", LIST_ONLY.replace("iam:ListRoles", "iam:Get*")))
    assert "Needs iam:PutRolePolicy" in text(client.get(at("role-sessions")))
    assert client.post(at("role-sessions")).status_code == 403


def test_deletion_shows_what_goes_and_takes_everything_along(administrator, system, web):
    arn = create_policy(system, policy_name="reading", policy_document=READ)["Policy"]["Arn"]
    attach_role_policy(system, role_name="web", policy_arn=arn)
    put_role_policy(system, role_name="web", policy_name="own", policy_document=READ)
    shown = text(administrator.get(at("role-delete")))
    assert "<b>1</b> policy is detached, not deleted: reading" in shown
    assert administrator.post(at("role-delete"), {"confirmation": "wrong"}).status_code == 400
    administrator.post(at("role-delete"), {"confirmation": "web"})
    assert not Role.objects.exists()
    assert Event.objects.filter(name="DeleteRole", error_code="").exists()


def test_many_are_deleted_but_not_service_linked_ones(administrator, account, web):
    linked = Role.objects.create(
        account=account, name="AWSServiceRoleForX", name_key="awsserviceroleforx", unique_id=unique_id("AROA"),
        trust_policy=EC2, path="/aws-service-role/x.amazonaws.com/", service_linked_to="x.amazonaws.com",
    )  # fmt: skip
    chosen = {"select": [web.pk, linked.pk]}
    assert "deleted on its own page" in text(administrator.post(reverse("accounts:roles-delete"), chosen))
    administrator.post(reverse("accounts:roles-delete"), chosen | {"go": "1"})
    assert list(Role.objects.all()) == [linked]
    shown = text(administrator.get(at("role", linked.name)))
    assert "service-linked" in shown
    assert at("role-delete", linked.name) in shown
    assert "Save trust policy" not in text(administrator.get(at("role-trust", linked.name)))
    administrator.post(at("role-edit", linked.name), {"description": "Ours", "seen": mark_of("\n3600")})
    assert Role.objects.get().description == "Ours"


def test_pages_of_a_role_cost_few_queries(administrator, web):
    for name in ("role", "role-trust", "role-tags", "role-sessions", "role-edit", "role-delete"):
        administrator.get(at(name))
        with CaptureQueriesContext(connection) as done:
            administrator.get(at(name))
        asked = [query["sql"] for query in done if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        assert len(asked) <= 15, (name, asked)


def test_a_role_that_is_not_there(administrator):
    assert administrator.get(at("role", "nobody")).status_code == 404


def test_whoever_may_list_roles_finds_them_in_the_side_bar(administrator, client, make_user):
    side = f'href="{reverse("accounts:roles")}"'
    assert side in text(administrator.get(reverse("policies:policies")))
    sign_in(client, make_user("vera", LIST_ONLY.replace("iam:ListRoles", "iam:ListPolicies")))
    assert side not in text(client.get(reverse("policies:policies")))
