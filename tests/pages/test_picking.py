"""Choosing some of many rows: what is offered to whom, what is kept, and how a form is left and comes back."""

import json
import re

import pytest

from accounts.models import Group, User
from accounts.operations.users import create_user
from operations.models import Event
from policies.models import AWS, ManagedPolicy
from policies.operations.managed_policies import create_policy
from tests.conftest import ACCOUNT, ADMINISTRATOR
from tests.signing_in import sign_in

READ = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
CREATE_USERS = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:CreateUser","iam:ListUsers"],"Resource":"*"}]}'


@pytest.fixture
def signed_in(client, make_user):
    sign_in(client, make_user("sam", ADMINISTRATOR), mfa=True)
    return client


@pytest.fixture
def policies(system):
    """Twelve policies of the account, one of AWS's, one of a service-linked role, one that AWS has retired."""
    for number in range(12):
        create_policy(system, policy_name=f"bucket-{number:02}", policy_document=READ, description=f"Number {number}")
    for name, path, attachable in (("Reading", "/", True), ("Linked", "/aws-service-role/", True), ("Old", "/", False)):
        ManagedPolicy.objects.create(
            account_id=AWS,
            name=name,
            name_key=name.lower(),
            path=path,
            arn=f"arn:aws:iam::aws:policy{path}{name}",
            unique_id=f"ANPA{name.upper()}",
            is_attachable=attachable,
        )


def offered(answer):
    return re.findall(r'class="picker-name"><b>([^<]+)</b>', answer.content.decode())


def pick(client, **state):
    answer = client.get("/pick/policies/", {"name": "policies", **state})
    assert answer.status_code == 200
    return answer


def test_what_can_be_attached_is_offered_page_by_page(signed_in, policies):
    assert offered(pick(signed_in)) == [f"bucket-{number:02}" for number in range(8)]
    assert offered(pick(signed_in, **{"policies-page": "2"})) == [f"bucket-{number:02}" for number in range(8, 12)] + [
        "Reading"
    ]


def test_pages_beyond_the_last_and_nonsense_show_a_page_that_is_there(signed_in, policies):
    assert len(offered(pick(signed_in, **{"policies-page": "999"}))) == 5
    for nonsense in ("-1", "x", "0", "9" * 30):
        assert len(offered(pick(signed_in, **{"policies-page": nonsense}))) == 8


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("BUCKET-03", ["bucket-03"]),
        ("number 11", ["bucket-11"]),
        (f"arn:aws:iam::{ACCOUNT}:policy/bucket-05", ["bucket-05"]),
        ("nothing like it", []),
        ("%", []),
    ],
)
def test_the_search_takes_names_descriptions_and_arns(signed_in, policies, words, found):
    assert offered(pick(signed_in, **{"policies-q": words})) == found


def document(*actions):
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": actions, "Resource": "*"}})


@pytest.fixture
def of_queues(system):
    """Three policies that allow one action, and two that do not."""
    for name, *actions in (
        ("all", "*"), ("few", "sqs:SendMessage", "sqs:ReceiveMessage"), ("one", "sqs:SendMessage"), ("buckets", "s3:*"),
    ):  # fmt: skip
        create_policy(system, policy_name=name, policy_document=document(*actions), description=f"About {name}")


def test_who_searches_by_an_action_is_offered_the_least_privilege_first(signed_in, of_queues):
    answer = pick(signed_in, **{"policies-q": "sqs:SendMessage"})
    assert offered(answer) == ["one", "few", "all"]
    shown = answer.content.decode()
    for said in (
        "From least to most privilege",
        "<small>Allows 1 action</small><small>About one</small>",
        "Allows 2 actions<",
    ):
        assert said in shown
    by_name = pick(signed_in, **{"policies-q": "about"})
    assert offered(by_name) == ["one", "few", "buckets", "all"]
    assert "From least to most privilege" in by_name.content.decode()
    assert "privilege" not in pick(signed_in).content.decode()


def test_whoever_may_not_read_documents_does_not_find_by_what_they_allow(client, make_user, of_queues):
    sign_in(client, make_user("dora", document("iam:ListPolicies")), mfa=True)
    answer = pick(client, **{"policies-q": "sqs:SendMessage"})
    assert offered(answer) == []
    assert "actions" not in answer.content.decode()


def test_kinds_narrow_what_is_offered(signed_in, policies):
    assert offered(pick(signed_in, **{"policies-kind": "aws"})) == ["Reading"]
    assert len(offered(pick(signed_in, **{"policies-kind": "no-such-kind"}))) == 8


def test_what_is_chosen_stays_chosen_and_is_offered_no_more(signed_in, policies):
    chosen = [f"arn:aws:iam::{ACCOUNT}:policy/bucket-{number:02}" for number in (1, 2)]
    answer = pick(signed_in, policies=chosen, most="10", **{"policies-q": "bucket-0"})
    text = answer.content.decode()
    assert "2 of 10 chosen" in text
    assert "bucket-01" not in offered(answer)
    assert text.count("checked") == 2


def test_when_no_more_may_be_chosen_the_rest_is_shown_but_cannot_be_ticked(signed_in, policies):
    chosen = [f"arn:aws:iam::{ACCOUNT}:policy/bucket-{number:02}" for number in range(2)]
    text = pick(signed_in, policies=chosen, most="2").content.decode()
    assert "No more can be chosen." in text
    assert text.count(" disabled") == 8


def test_one_of_a_kind_replaces_the_other(signed_in, policies):
    chosen = [f"arn:aws:iam::{ACCOUNT}:policy/bucket-{number:02}" for number in range(2)]
    assert pick(signed_in, policies=chosen, single="1").content.decode().count("checked") == 1


def test_another_accounts_policies_are_not_offered(signed_in, policies, stranger):
    create_policy(stranger, policy_name="bucket-of-others", policy_document=READ)
    assert offered(pick(signed_in, **{"policies-q": "bucket-of-others"})) == []


def test_who_may_not_list_policies_is_told_why_and_may_still_name_one(client, make_user, policies):
    sign_in(client, make_user("dora", CREATE_USERS))
    page = client.get("/users/create/").content.decode()
    assert "iam:ListPolicies" in page
    assert "bucket-00" not in page
    assert 'textarea class="control mono" rows="2" id="id_policies"' in page
    assert Event.objects.filter(name="ListPolicies", error_code="AccessDenied").exists()


def test_who_may_not_create_a_policy_is_not_offered_to(client, make_user, policies):
    allowed = CREATE_USERS.replace('"iam:ListUsers"', '"iam:List*"')
    sign_in(client, make_user("dora", allowed))
    page = client.get("/users/create/").content.decode()
    assert "bucket-00" in page
    assert 'name="policies-create"' not in page


@pytest.mark.parametrize(
    "address", ["/pick/nothing/?name=x", "/pick/policies/", "/pick/policies/?name=a%20b", "/pick/policies/?name=%22%3E"]
)
def test_a_picker_that_is_none_is_not_there(signed_in, policies, address):
    assert signed_in.get(address).status_code == 404


def test_a_search_keeps_what_was_typed_and_complains_of_nothing(signed_in, policies):
    typed = {"user_names": "", "access": "none", "path": "nowhere", "policies-q": "bucket-03", "policies-search": "1"}
    page = signed_in.post("/users/create/", typed).content.decode()
    assert "bucket-03" in page
    assert 'value="nowhere"' in page
    assert "error-summary" not in page
    assert not User.objects.filter(name="").exists()


def test_a_form_that_is_left_comes_back_as_it_was_with_what_was_created(signed_in, policies):
    typed = {"user_names": "emil", "access": "none", "path": "/x/", "groups-create": "1"}
    answer = signed_in.post("/users/create/", typed)
    assert answer["Location"] == "/groups/create/?back=1"
    answer = signed_in.post("/groups/create/?back=1", {"group_name": "crew", "path": "/", "create": "1"})
    assert answer["Location"] == "/users/create/?draft=1"
    page = signed_in.get("/users/create/?draft=1").content.decode()
    assert re.search(r">\s*emil</textarea>", page)
    assert 'value="/x/"' in page
    assert re.search(r'name="groups" value="crew"[^>]*checked', page)
    assert "emil" not in signed_in.get("/users/create/?draft=1").content.decode(), "it is given once"


def test_a_form_that_is_too_long_to_be_kept_is_not_left(signed_in, policies):
    names = "\n".join(f"user-{number:05}-{'x' * 50}" for number in range(4000))
    typed = {"user_names": names, "access": "none", "path": "/", "groups-create": "1"}
    answer = signed_in.post("/users/create/", typed)
    assert answer.status_code == 200
    assert "too long to be kept" in answer.content.decode()
    assert "user-03999" in answer.content.decode()


def test_a_draft_goes_to_no_other_page_and_leads_nowhere_else(signed_in, policies):
    signed_in.post("/users/create/", {"user_names": "emil", "access": "none", "path": "/", "policies-create": "1"})
    assert "emil" not in signed_in.get("/groups/create/?draft=1").content.decode()
    answer = signed_in.post(
        "/groups/create/?back=https://evil.example.com/", {"group_name": "crew", "path": "/", "create": "1"}
    )
    assert answer["Location"] == "/users/create/?draft=1"


def test_the_side_panel_answers_with_what_was_created(signed_in):
    panel = signed_in.get("/groups/create/?into=groups", HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in panel
    assert 'name="new-group-group_name"' in panel
    asked = {"new-group-group_name": "crew", "new-group-path": "/", "create": "1"}
    answer = signed_in.post("/groups/create/?into=groups", asked, HTTP_HX_REQUEST="true")
    assert answer.status_code == 204
    assert '"into": "groups", "value": "crew"' in answer["HX-Trigger"]
    assert Group.objects.filter(name="crew").exists()


def test_the_side_panel_refuses_like_the_page(client, make_user, system):
    create_user(system, user_name="x")
    sign_in(client, make_user("dora", CREATE_USERS))
    assert client.get("/policies/create/?into=policies", HTTP_HX_REQUEST="true").status_code == 403
    asked = {"new-group-group_name": "crew", "new-group-path": "/", "create": "1"}
    assert client.post("/groups/create/?into=groups", asked, HTTP_HX_REQUEST="true").status_code == 403
    assert not Group.objects.exists()


@pytest.mark.parametrize("number", [10, 1000])
def test_the_number_of_queries_is_the_same_at_any_size(signed_in, system, number, django_assert_num_queries):
    Group.objects.bulk_create(
        Group(account_id=ACCOUNT, name=f"g{n}", name_key=f"g{n}", unique_id=f"AGPA{n}") for n in range(number)
    )
    signed_in.get("/pick/groups/?name=groups")
    with django_assert_num_queries(7):
        signed_in.get("/pick/groups/?name=groups")
