"""The pages of managed policies: list, detail, creation, deletion, tags, and whoever may not."""

import html
import json
import re

import pytest
from django.urls import reverse

from accounts.models import Role, User
from accounts.operations.attachments import attach_user_policy
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.users import create_user
from operations.ids import unique_id
from operations.models import Event
from policies.models import ManagedPolicy, PolicyVersion
from policies.operations.managed_policies import create_policy
from policies.operations.policy_versions import create_policy_version
from tests.conftest import ACCOUNT, ADMINISTRATOR
from tests.policies.conftest import document
from tests.signing_in import sign_in

LIST_ONLY = document("iam:ListPolicies")


@pytest.fixture
def administrator(client, admin):
    sign_in(client, User.objects.get(name="alice"), mfa=True)
    return client


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def at(name, arn):
    return reverse(f"policies:{name}", args=[arn])


# --- the list -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("q=readi", True),
        ("q=logs of the shop", True),
        ("q=policy/reading", True),
        ("q=nothing", False),
        ("f=type:eq:customer", True),
        ("f=type:eq:aws", False),
        ("f=used:eq:none", True),
        ("f=used:eq:permissions", False),
        ("f=allows:eq:s3:GetObject", True),
        ("f=allows:eq:S3:getobject", True),
        ("f=allows:eq:s3:Get*", True),
        ("f=allows:eq:s3:PutObject", False),
        ("f=allows:ne:s3:PutObject", True),
        ("f=tag:eq:Team=ops", True),
        ("f=tag:eq:team=ops", False),
        ("f=tag:eq:Team", True),
        ("f=tag:ne:Team=ops", False),
    ],
)
@pytest.mark.parametrize("few", [1000, -1])
def test_the_list_finds_policies_by_what_they_are_called_used_for_and_allow(
    administrator, make_policy, monkeypatch, query, found, few
):
    monkeypatch.setattr("pages.listing.page.FEW", few)
    arn = make_policy(description="Reads the logs of the shop", tags=[{"Key": "Team", "Value": "ops"}])
    shown = text(administrator.get(reverse("policies:policies") + "?" + query))
    assert (at("policy", arn) in shown) is found


@pytest.mark.parametrize(
    ("statement", "action", "found"),
    [
        ({"Effect": "Allow", "Action": "*", "Resource": "*"}, "s3:GetObject", True),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, "s3:GetObject", True),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, "iam:GetUser", False),
        ({"Effect": "Allow", "NotAction": "s3:Get*", "Resource": "*"}, "s3:*", True),
        ({"Effect": "Deny", "Action": "s3:*", "Resource": "*"}, "s3:GetObject", False),
    ],
)
def test_allowing_follows_the_rules_of_the_language(administrator, make_policy, statement, action, found):
    arn = make_policy(text=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    shown = text(administrator.get(reverse("policies:policies"), {"f": f"allows:eq:{action}"}))
    assert (at("policy", arn) in shown) is found


def test_what_the_same_policy_denies_on_everything_it_does_not_allow(administrator, make_policy):
    both = [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"},
    ]
    arn = make_policy(text=json.dumps({"Version": "2012-10-17", "Statement": both}))
    address = reverse("policies:policies")
    assert at("policy", arn) in text(administrator.get(address, {"f": "allows:eq:s3:GetObject"}))
    assert at("policy", arn) not in text(administrator.get(address, {"f": "allows:eq:s3:DeleteObject"}))
    assert "takes an action" in text(administrator.get(address, {"f": "allows:eq:reading things"}))


def test_the_filter_looks_at_the_version_in_force(administrator, admin, make_policy):
    arn = make_policy()
    address = reverse("policies:policies") + "?f=allows:eq:sqs:SendMessage"
    create_policy_version(admin, policy_arn=arn, policy_document=document("sqs:*"))
    assert at("policy", arn) not in text(administrator.get(address))
    create_policy_version(admin, policy_arn=arn, policy_document=document("sqs:*"), set_as_default=True)
    assert at("policy", arn) in text(administrator.get(address))


def test_actions_are_suggested_while_the_filter_is_typed(administrator):
    shown = text(administrator.get(reverse("policies:policies") + "?suggest=1&add=allows:s3:getobj"))
    assert "s3:GetObject" in shown


@pytest.mark.parametrize("number", [10, 1000])
def test_the_list_costs_the_same_number_of_queries_at_any_size(administrator, number, django_assert_max_num_queries):
    rows = ManagedPolicy.objects.bulk_create(
        ManagedPolicy(
            account_id=ACCOUNT, name=f"p{n:04}", name_key=f"p{n:04}", arn=f"arn:aws:iam::{ACCOUNT}:policy/p{n:04}",
            unique_id=unique_id("ANPA"),
        )
        for n in range(number)
    )  # fmt: skip
    PolicyVersion.objects.bulk_create(PolicyVersion(policy=row, number=1, document=document()) for row in rows)
    administrator.get(reverse("policies:policies"))
    for query in ("", "?f=allows:eq:s3:GetObject"):
        with django_assert_max_num_queries(15):
            administrator.get(reverse("policies:policies") + query)


def test_an_account_without_policies_is_told_what_a_policy_is(administrator):
    shown = text(administrator.get(reverse("policies:policies")))
    assert "No policies yet" in shown
    assert "Create policy" in shown


def test_a_reader_of_the_list_sees_it_and_nothing_else(client, make_user, make_policy):
    arn = make_policy()
    sign_in(client, make_user("vera", LIST_ONLY))
    shown = text(client.get(reverse("policies:policies")))
    assert "reading" in shown
    assert "Create policy" not in shown
    for name in ("policy", "entities", "versions", "edit", "tags", "delete"):
        refused = client.get(at(name, arn))
        assert refused.status_code == 403, name
        assert "iam:" in text(refused)


def test_whoever_may_not_list_is_refused_and_the_refusal_recorded(client, make_user):
    sign_in(client, make_user("nora"))
    assert client.get(reverse("policies:policies")).status_code == 403
    event = Event.objects.latest("id")
    assert (event.name, event.error_code) == ("ListPolicies", "AccessDenied")


# --- one policy -----------------------------------------------------------------------------------------------------------


def test_the_page_shows_summary_and_document(administrator, make_policy):
    arn = make_policy(text=document("s3:GetObject", "arn:aws:s3:::reports/*"), description="Reports", path="/team/")
    shown = text(administrator.get(at("policy", arn)))
    for part in ("Reports", "/team/", "Limited: Read", "arn:aws:s3:::reports/*", "Allow", "6,144"):
        assert part in shown
    actions = text(administrator.get(at("policy", arn) + "?service=s3")).replace("<wbr>", "")
    assert "GetObject" in actions
    assert administrator.get(at("policy", arn) + "?service=sqs").status_code == 404


def test_a_reader_without_the_document_sees_the_rest(client, make_user, make_policy):
    arn = make_policy(text=document("s3:GetObject", "arn:aws:s3:::secret-bucket/*"))
    sign_in(client, make_user("vera", document("iam:GetPolicy")))
    shown = text(client.get(at("policy", arn)))
    assert arn in shown
    assert "iam:GetPolicyVersion" in shown
    assert "secret-bucket" not in shown
    assert at("edit", arn) not in shown
    assert at("delete", arn) not in shown


def test_rights_by_tag_count_on_the_page(client, make_user, make_policy):
    owned, other = make_policy("owned", tags=[{"Key": "team", "Value": "ops"}]), make_policy("other")
    rule = json.loads(document("iam:Get*"))
    rule["Statement"][0]["Condition"] = {"StringEquals": {"iam:ResourceTag/team": "ops"}}
    sign_in(client, make_user("vera", json.dumps(rule)))
    assert client.get(at("policy", owned)).status_code == 200
    assert client.get(at("policy", other)).status_code == 403


def test_a_policy_that_is_not_there_or_somebody_elses(administrator, other_account):
    for arn in (f"arn:aws:iam::{ACCOUNT}:policy/none", "arn:aws:iam::210987654321:policy/theirs"):
        assert administrator.get(at("policy", arn)).status_code == 404


def test_aws_managed_policies_are_read_only(administrator, make_aws_policy):
    policy = make_aws_policy()
    shown = text(administrator.get(at("policy", policy.arn)))
    assert "AWS managed" in shown
    assert at("edit", policy.arn) not in shown
    assert at("delete", policy.arn) not in shown
    assert administrator.get(at("edit", policy.arn)).status_code == 404
    assert administrator.get(at("delete", policy.arn)).status_code == 404


@pytest.mark.parametrize("number", [10, 1000])
def test_entities_cost_the_same_number_of_queries_at_any_size(
    administrator, account, make_policy, number, django_assert_max_num_queries
):
    arn = make_policy()
    policy = ManagedPolicy.objects.get(arn=arn)
    users = User.objects.bulk_create(
        User(account=account, name=f"u{n}", name_key=f"u{n}", unique_id=unique_id("AIDA")) for n in range(number)
    )
    policy.userattachments.bulk_create(policy.userattachments.model(policy=policy, user=user) for user in users)
    administrator.get(at("entities", arn))
    with django_assert_max_num_queries(15):
        assert "u0" in text(administrator.get(at("entities", arn)))


# --- creation -------------------------------------------------------------------------------------------------------------

ASKED = {"policy_name": "writing", "path": "/team/", "description": "Writes", "tags": "team = ops"}


def test_a_policy_is_created_after_a_review(administrator):
    asked = ASKED | {"policy_document": document("s3:PutObject")}
    review = text(administrator.post(reverse("policies:create"), asked | {"review": "1"}))
    assert "aws iam create-policy" in review
    assert "Limited: Write" in review
    assert not ManagedPolicy.objects.exists()
    administrator.post(reverse("policies:create"), asked | {"create": "1"})
    policy = ManagedPolicy.objects.get()
    assert (policy.name, policy.path, policy.description) == ("writing", "/team/", "Writes")
    assert policy.versions.get().document == asked["policy_document"]
    assert [tag.value for tag in policy.tags.all()] == ["ops"]


def test_the_document_is_kept_to_the_byte(administrator):
    odd = '{"Version":"2012-10-17",\r\n\t"Statement":[ {"Effect":"Allow","Action":"s3:*","Resource":"*"} ]}\r\n\r\n'
    administrator.post(reverse("policies:create"), ASKED | {"policy_document": odd, "create": "1"})
    assert PolicyVersion.objects.get().document == odd.replace("\r\n", "\n")


@pytest.mark.parametrize("step", ["review", "create"])
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"policy_document": '{"Version": "2012-10-17",\n "Statement": ['}, "Line 2: Syntax errors in policy."),
        ({"policy_document": ""}, "This field is required."),
        ({"policy_name": ""}, "This field is required."),
        ({"tags": "= x"}, "Line 1 has no key."),
        ({"tags": "a = 1\na = 2"}, "Line 2: the key a stands twice."),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_nothing_is_lost(administrator, step, change, sentence):
    asked = ASKED | {"policy_document": document(), step: "1"} | change
    shown = text(administrator.post(reverse("policies:create"), asked))
    assert sentence in shown
    assert "Writes" in shown
    assert not ManagedPolicy.objects.exists()


def test_a_taken_name_is_said_at_the_name(administrator, make_policy):
    make_policy("Writing")
    shown = text(administrator.post(reverse("policies:create"), ASKED | {"policy_document": document(), "create": "1"}))
    assert "A policy called writing already exists." in shown
    assert 'aria-invalid="true"' in shown


def test_a_copy_begins_with_the_other_document(administrator, client, make_user, make_policy):
    arn = make_policy(text=document("sns:Publish"))
    assert "sns:Publish" in text(administrator.get(reverse("policies:create") + f"?copy={arn}"))
    sign_in(client, make_user("vera", document("iam:ListPolicies")))
    assert client.get(reverse("policies:create") + f"?copy={arn}").status_code == 403


def test_a_policy_of_any_name_is_duplicated_from_its_page(administrator, make_policy):
    arn = make_policy("a+b=c", document("sns:Publish"))
    page = html.unescape(administrator.get(reverse("policies:policy", args=[arn])).content.decode())
    link = re.search(r'href="([^"]*[?]copy=[^"]*)"', page)[1]
    assert "sns:Publish" in text(administrator.get(link))


def test_whoever_may_not_create_is_refused_and_keeps_nothing(client, make_user):
    sign_in(client, make_user("vera", LIST_ONLY))
    refused = client.post(reverse("policies:create"), ASKED | {"policy_document": document(), "create": "1"})
    assert refused.status_code == 403
    assert "iam:CreatePolicy" in text(refused)


# --- tags -----------------------------------------------------------------------------------------------------------------


def test_tags_are_changed_together_with_regard_to_case(administrator, make_policy):
    arn = make_policy(tags=[{"Key": "Team", "Value": "ops"}, {"Key": "old", "Value": ""}])
    seen = re.search(r'name="seen" value="(\w+)"', text(administrator.get(at("tags", arn))))[1]
    administrator.post(at("tags", arn), {"tags": "Team = ops\nteam = dev", "seen": seen})
    assert {tag.key: tag.value for tag in ManagedPolicy.objects.get(arn=arn).tags.all()} == {
        "Team": "ops",
        "team": "dev",
    }


def test_tags_that_somebody_changed_meanwhile_are_shown_first(administrator, make_policy):
    arn = make_policy(tags=[{"Key": "team", "Value": "ops"}])
    answer = administrator.post(at("tags", arn), {"tags": "team = dev", "seen": "something else"})
    assert answer.status_code == 409
    assert "Somebody changed this" in text(answer)
    assert ManagedPolicy.objects.get(arn=arn).tags.get().value == "ops"


# --- deletion -------------------------------------------------------------------------------------------------------------


def test_deletion_shows_who_loses_it_and_takes_everything_along(administrator, admin, make_policy):
    arn = make_policy()
    create_user(admin, user_name="dora")
    attach_user_policy(admin, user_name="dora", policy_arn=arn)
    create_policy_version(admin, policy_arn=arn, policy_document=document("sqs:*"))
    shown = text(administrator.get(at("delete", arn)))
    assert "dora" in shown
    assert "<b>2</b> versions are deleted." in shown
    assert "1 user loses these permissions:" in shown
    assert "Type <code>reading</code> to confirm" in shown
    assert administrator.post(at("delete", arn), {"confirmation": "wrong"}).status_code == 400
    administrator.post(at("delete", arn), {"confirmation": "reading"})
    assert not ManagedPolicy.objects.exists()
    names = list(Event.objects.order_by("-id").values_list("name", flat=True)[:3])
    assert names == ["DeletePolicy", "DeletePolicyVersion", "DetachUserPolicy"]


def test_a_boundary_is_not_deleted_under_those_whom_it_bounds(administrator, admin, make_policy):
    arn = make_policy()
    create_user(admin, user_name="dora")
    put_user_permissions_boundary(admin, user_name="dora", permissions_boundary=arn)
    assert "It is a permissions boundary" in text(administrator.get(at("delete", arn)))
    assert administrator.post(at("delete", arn), {"confirmation": "reading"}).status_code == 409
    assert ManagedPolicy.objects.filter(arn=arn).exists()


def test_a_step_that_is_not_permitted_undoes_the_others(client, admin, make_user, make_policy):
    arn = make_policy()
    create_user(admin, user_name="dora")
    attach_user_policy(admin, user_name="dora", policy_arn=arn)
    rights = json.loads(ADMINISTRATOR)
    rights["Statement"].append({"Effect": "Deny", "Action": "iam:DeletePolicy", "Resource": "*"})
    sign_in(client, make_user("vera", json.dumps(rights)))
    assert client.post(at("delete", arn), {"confirmation": "reading"}).status_code == 403
    assert User.objects.get(name="dora").attachments.exists()
    assert Event.objects.filter(name="DeletePolicy", error_code="AccessDenied").exists()


def test_many_are_deleted_after_a_review_that_says_which_stay(administrator, admin, make_policy, make_aws_policy):
    unused, bound, aws = make_policy("unused"), make_policy("bound"), make_aws_policy().arn
    create_user(admin, user_name="dora")
    put_user_permissions_boundary(admin, user_name="dora", permissions_boundary=bound)
    chosen = {"select": [policy.pk for policy in ManagedPolicy.objects.all()]}
    review = text(administrator.post(reverse("policies:delete-many"), chosen))
    assert "AWS managed policies cannot be deleted." in review
    assert "permissions boundary of 1 user or role" in review
    administrator.post(reverse("policies:delete-many"), chosen | {"go": "1"})
    assert set(ManagedPolicy.objects.values_list("arn", flat=True)) == {bound, aws}
    assert unused not in {bound, aws}
    assert not Role.objects.exists()


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [("squad=falcon", True), ("SQUAD=fal", True), ("falcon", True), ("squad", True), ("team=falcon", False)],
)
def test_the_search_over_everything_finds_a_policy_by_its_tag(administrator, system, typed, is_found):
    tags = [{"Key": "squad", "Value": "falcon"}]
    create_policy(system, policy_name="flying", policy_document=document("s3:GetObject"), tags=tags)
    page = text(administrator.get(reverse("pages:search"), {"q": typed}))
    assert ("policy/flying" in page.replace("<wbr>", "")) is is_found


def test_the_search_over_everything_has_the_account_s_own_first_however_many_aws_has(administrator, system):
    rows = (
        ManagedPolicy(account_id="aws", name=f"Ferry{n:02}", name_key=f"ferry{n:02}", arn=f"arn:aws:iam::aws:policy/Ferry{n:02}", unique_id=f"F{n}")
        for n in range(60)
    )  # fmt: skip
    ManagedPolicy.objects.bulk_create(rows)
    create_policy(system, policy_name="zz-ferry", policy_document=document("s3:GetObject"))
    page = text(administrator.get(reverse("pages:search"), {"q": "ferry"})).replace("<wbr>", "")
    assert "policy/zz-ferry" in page
    assert page.index("policy/zz-ferry") < page.index("policy/Ferry00")
