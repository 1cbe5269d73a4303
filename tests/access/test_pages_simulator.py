"""The simulator's page: asked by address and by form, filtered, explained, exported, and closed to who may not."""

import csv
import io
import json

import pytest
from django.urls import reverse

from accounts.models import Role
from accounts.operations.attachments import attach_user_policy
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.inline_policies import put_user_policy
from engine.decide import answers
from operations.ids import unique_id
from operations.models import Event
from policies.operations.managed_policies import create_policy
from tests.access.conftest import document
from tests.conftest import ACCOUNT
from tests.signing_in import sign_in

BUCKET = "arn:aws:s3:::reports"
PAGE, DECISION = "/simulator/", "/simulator/decision/"


def outcomes(page):
    return {row.verdict.action: row.verdict.outcome for row in page.context["shown"].object_list}


def test_the_empty_page_asks_nothing_and_says_what_to_do(signed_in):
    before = Event.objects.count()
    page = signed_in.get(PAGE)
    assert "Nothing simulated yet" in page.content.decode()
    assert Event.objects.count() == before


def test_an_address_holds_the_whole_question(signed_in, dora):
    page = signed_in.get(
        PAGE, {"principal": "dora", "action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"]}
    )
    assert outcomes(page) == {
        "s3:GetObject": "allowed",
        "s3:PutObject": "allowed",
        "s3:DeleteObject": "explicitDeny",
        "s3:ListBucket": "implicitDeny",
    }
    assert dict(page.context["counts"]) == {"allowed": 2, "explicitDeny": 1, "implicitDeny": 1}


def test_a_form_leads_to_its_address(signed_in, dora):
    answer = signed_in.post(
        PAGE,
        {
            "principal": " dora ",
            "action": "s3:GetObject\r\n\r\ns3:PutObject",
            "resource": "",
            "key": [""],
            "value": [""],
        },
    )
    assert answer.status_code == 302
    assert answer.url == f"{PAGE}?principal=dora&action=s3%3AGetObject&action=s3%3APutObject#results"
    assert outcomes(signed_in.get(answer.url)) == {"s3:GetObject": "allowed", "s3:PutObject": "allowed"}


def test_a_question_too_long_for_an_address_is_answered_directly(signed_in, dora):
    large = document("s3:ListBucket", [f"{BUCKET}/{n:05}" for n in range(400)] + ["*"])
    page = signed_in.post(PAGE, {"principal": "dora", "action": "s3:ListBucket", "policy": large})
    assert page.status_code == 200
    assert outcomes(page) == {"s3:ListBucket": "allowed"}
    assert f'formaction="{DECISION}"' in page.content.decode()
    explained = signed_in.post(DECISION, {"principal": "dora", "action": "s3:ListBucket", "policy": large, "ask": "0"})
    assert explained.context["explanation"].outcome == "allowed"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sqs:*Visibility*", {"sqs:ChangeMessageVisibility"}),
        ("sts:* tagging", {"sts:TagSession", "sts:TagGetWebIdentityToken"}),
        ("s3:getobjec?", {"s3:GetObject"}),
        ("s3:getobject", {"s3:GetObject"}),
        ("iam:ImportAccountAuthorizationDetails", {"iam:ImportAccountAuthorizationDetails"}),
    ],
)
def test_patterns_and_sets_become_actions(signed_in, dora, line, expected):
    assert set(outcomes(signed_in.get(PAGE, {"principal": "dora", "action": line}))) == expected


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("s3", "The action is invalid since it is missing names"),
        ("nosuch:*", "names no service"),
        ("s3:* Sometimes", "is no access level"),
        ("s3:Xyzzy*", "No action fits"),
        ("ec2:*\niam:*\ns3:*\nrds:*", "more than 1,000 actions"),
    ],
)
def test_a_line_that_means_nothing_is_marked_and_kept(signed_in, dora, line, said):
    page = signed_in.get(PAGE, {"principal": "dora", "action": line.split("\n")})
    text = page.content.decode()
    assert said in str(page.context["form"].errors["action"])
    assert line.split("\n")[0] in text
    assert page.context["answers"] is None


def test_a_name_that_aws_does_not_list_is_remarked(signed_in, dora):
    page = signed_in.get(PAGE, {"principal": "dora", "action": "s3:GetObjct"})
    assert "s3:GetObjct is no action that AWS lists. Did you mean s3:GetObject?" in page.content.decode()


def test_more_than_a_thousand_decisions_are_refused_with_their_number(signed_in, dora):
    page = signed_in.get(
        PAGE, {"principal": "dora", "action": "s3:Get*", "resource": [f"{BUCKET}/{n}" for n in range(100)]}
    )
    assert "Narrow the actions or the resources to 1,000 at most." in str(page.context["form"].errors["action"])


def test_a_thousand_decisions_are_made_and_the_first_fifty_shown(signed_in, dora):
    query = {
        "principal": "dora",
        "action": [f"s3:Action{n}" for n in range(50)],
        "resource": [f"{BUCKET}/{n}" for n in range(20)],
    }
    page = signed_in.get(PAGE, query)
    assert len(page.context["answers"].verdicts) == 1000
    assert len(page.context["shown"].object_list) == 50


def test_results_are_filtered_by_outcome_and_paged(signed_in, dora):
    page = signed_in.get(PAGE, {"principal": "dora", "action": "s3:*", "outcome": "explicitDeny"})
    assert set(outcomes(page).values()) == {"explicitDeny"}
    second = signed_in.get(PAGE, {"principal": "dora", "action": "s3:*", "page": "2"})
    assert second.context["shown"].start_index() == 51


@pytest.mark.parametrize("name", ["dora", "DORA", "user/dora", f"arn:aws:iam::{ACCOUNT}:user/dora"])
def test_a_user_is_found_by_name_and_by_arn(signed_in, dora, name):
    assert outcomes(signed_in.get(PAGE, {"principal": name, "action": "s3:GetObject"})) == {"s3:GetObject": "allowed"}


def test_groups_roles_sessions_and_the_root_user_are_simulated(signed_in, dora, account):
    Role.objects.create(
        account=account, name="worker", name_key="worker", unique_id=unique_id("AROA"), trust_policy=document()
    )
    asked = {
        "group/Ops": "allowed",
        "role/worker": "implicitDeny",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/nightly": "implicitDeny",
        f"arn:aws:iam::{ACCOUNT}:root": "allowed",
    }
    for principal, outcome in asked.items():
        page = signed_in.get(PAGE, {"principal": principal, "action": "s3:PutObject"})
        assert outcomes(page) == {"s3:PutObject": outcome}, principal


def test_somebody_unknown_is_told_at_the_field(signed_in, dora):
    page = signed_in.get(PAGE, {"principal": "nobody-at-all", "action": "s3:GetObject"})
    assert "No user, group or role of this account is named nobody-at-all." in str(
        page.context["form"].errors["principal"]
    )
    assert 'value="nobody-at-all"' in page.content.decode()


BROKEN = {
    "action": "nonsense",
    "resource": "no-arn",
    "policy": document() + "\n{ first",
    "boundary": "{ second",
    "resource_policy": "{ third",
    "owner": "somebody",
    "scp": "{ fourth",
    "key": ["aws:SourceIp", "aws:CurrentTime", "aws:userid"],
    "value": ["somewhere", "sometime", "fits"],
}
WRONG = {"action", "resource", "policy", "boundary", "resource_policy", "owner", "scp", "__all__"}


@pytest.mark.parametrize("principal", ["nobody-at-all", "dora"])
def test_all_errors_stand_together_each_at_its_field(signed_in, dora, principal):
    edited = {"edit": "user/dora/own", "document": "{ fifth"}
    page = signed_in.get(PAGE, {"principal": principal, **BROKEN, **edited})
    errors = page.context["form"].errors
    assert set(errors) == WRONG | ({"principal"} if principal != "dora" else set())
    assert "PolicyInputList.2" in errors["policy"][0]
    keys = {key.name: bool(key.error) for key in page.context["bench"].keys}
    assert keys == {"aws:SourceIp": True, "aws:CurrentTime": True, "aws:userid": False}
    opened = [policy.error for policy in page.context["bench"].policies if policy.is_edited]
    assert all("line 1" in error for error in opened)
    assert len(opened) == (principal == "dora")


def test_nobody_chosen_hides_no_other_error(signed_in):
    without = {name: value for name, value in BROKEN.items() if name != "policy"}
    errors = signed_in.get(PAGE, without).context["form"].errors
    assert set(errors) == WRONG - {"policy"} | {"principal"}
    assert "action" not in signed_in.get(PAGE, {**without, "asking": "1"}).context["form"].errors


def test_an_entity_of_another_account_is_not_found(signed_in, dora, stranger):
    page = signed_in.get(PAGE, {"principal": stranger.arn, "action": "s3:GetObject"})
    assert page.status_code == 200
    assert "principal" in page.context["form"].errors


def test_pasted_policies_are_asked_without_anybody(signed_in):
    page = signed_in.get(PAGE, {"policy": document("s3:GetObject"), "action": ["s3:GetObject", "s3:PutObject"]})
    assert outcomes(page) == {"s3:GetObject": "allowed", "s3:PutObject": "implicitDeny"}
    assert Event.objects.latest("id").name == "SimulateCustomPolicy"


def test_several_policies_stand_one_after_the_other(signed_in):
    both = document("s3:GetObject") + "\n" + document("s3:PutObject")
    page = signed_in.get(PAGE, {"policy": both, "action": ["s3:GetObject", "s3:PutObject"]})
    assert set(outcomes(page).values()) == {"allowed"}


def test_neither_somebody_nor_a_policy_is_an_error_at_the_field(signed_in):
    page = signed_in.get(PAGE, {"action": "s3:GetObject"})
    assert "Choose somebody, or paste a policy below." in page.content.decode()


def test_a_policy_that_cannot_be_read_is_marked_with_its_line(signed_in, dora):
    broken = document() + "\n{\n  oops"
    page = signed_in.get(PAGE, {"principal": "dora", "policy": broken, "action": "s3:GetObject"})
    assert "PolicyInputList.2" in str(page.context["form"].errors["policy"])
    assert f"line {broken.count(chr(10)) + 1}" in str(page.context["form"].errors["policy"])
    assert "oops" in page.content.decode()


def test_a_policy_is_left_out_and_edited_without_saving(signed_in, dora):
    page = signed_in.get(PAGE, {"principal": "dora", "action": "s3:GetObject", "out": "user/dora/own"})
    assert outcomes(page) == {"s3:GetObject": "implicitDeny"}
    edited = {"edit": "user/dora/own", "document": document("s3:ListBucket")}
    page = signed_in.get(PAGE, {"principal": "dora", "action": ["s3:GetObject", "s3:ListBucket"], **edited})
    assert outcomes(page) == {"s3:GetObject": "implicitDeny", "s3:ListBucket": "allowed"}
    assert outcomes(signed_in.get(PAGE, {"principal": "dora", "action": "s3:GetObject"})) == {"s3:GetObject": "allowed"}


def test_an_editor_opens_with_the_stored_text_and_closes_again(signed_in, dora):
    opened = signed_in.post(PAGE, {"principal": "dora", "action": "s3:GetObject", "editor": "user/dora/own"})
    page = signed_in.get(opened.url)
    assert [policy.key for policy in page.context["bench"].policies if policy.is_open] == ["user/dora/own"]
    unchanged = {
        "open": "user/dora/own",
        "edit": "user/dora/own",
        "document": document("s3:GetObject").replace("\n", "\r\n"),
    }
    assert "document=" not in signed_in.post(PAGE, {"principal": "dora", "action": "s3:GetObject", **unchanged}).url
    changed = {**unchanged, "document": document("s3:ListBucket")}
    assert "document=" in signed_in.post(PAGE, {"principal": "dora", "action": "s3:GetObject", **changed}).url
    restored = signed_in.post(
        PAGE, {"principal": "dora", "action": "s3:GetObject", **changed, "restore": "user/dora/own"}
    )
    assert "document=" not in restored.url
    assert "open=" not in restored.url


def test_an_edited_policy_that_cannot_be_read_keeps_its_text_and_says_where(signed_in, dora):
    page = signed_in.get(
        PAGE, {"principal": "dora", "action": "s3:GetObject", "edit": "user/dora/own", "document": "{ wrong"}
    )
    policy = next(each for each in page.context["bench"].policies if each.key == "user/dora/own")
    assert "line 1" in policy.error
    assert "{ wrong" in page.content.decode()
    assert page.context["answers"] is None


def test_the_boundary_counts_and_can_be_left_out_or_replaced(signed_in, dora, admin):
    arn = create_policy(admin, policy_name="edge", policy_document=document("ec2:*"))["Policy"]["Arn"]
    put_user_permissions_boundary(admin, user_name="dora", permissions_boundary=arn)
    ask = {"principal": "dora", "action": "s3:GetObject"}
    page = signed_in.get(PAGE, ask)
    assert outcomes(page) == {"s3:GetObject": "implicitDeny"}
    assert "Permissions boundary: no allow" in page.content.decode()
    assert outcomes(signed_in.get(PAGE, {**ask, "out": "boundary"})) == {"s3:GetObject": "allowed"}
    assert outcomes(signed_in.get(PAGE, {**ask, "boundary": document("s3:*")})) == {"s3:GetObject": "allowed"}


def test_levels_of_an_organization_and_a_resource_policy_take_part(signed_in, dora):
    ask = {"principal": "dora", "action": "s3:GetObject", "resource": f"{BUCKET}/a"}
    levels = document("*") + f"\n[{document('ec2:*')}, {document('sqs:*')}]"
    assert outcomes(signed_in.get(PAGE, {**ask, "scp": levels})) == {"s3:GetObject": "implicitDeny"}
    deny = document("s3:*", effect="Deny", Principal="*")
    assert outcomes(signed_in.get(PAGE, {**ask, "resource_policy": deny})) == {"s3:GetObject": "explicitDeny"}
    page = signed_in.get(PAGE, {"principal": "dora", "action": "s3:GetObject", "resource_policy": deny})
    assert "name the resources" in str(page.context["form"].errors["resource"])


def test_all_resources_can_be_asked_about_beside_one(signed_in, dora):
    page = signed_in.get(PAGE, {"principal": "dora", "action": "s3:GetObject", "resource": ["*", f"{BUCKET}/a", "*"]})
    assert [verdict.resource for verdict in page.context["answers"].verdicts] == ["*", f"{BUCKET}/a"]


def test_what_is_no_arn_is_named(signed_in, dora):
    page = signed_in.get(PAGE, {"principal": "dora", "action": "s3:GetObject", "resource": ["*", "not-an-arn"]})
    assert page.context["form"].errors["resource"][0].startswith("“not-an-arn” is no ARN.")


@pytest.fixture
def conditional(admin, dora):
    text = document(
        "sqs:SendMessage",
        Condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}, "Bool": {"aws:SecureTransport": "true"}},
    )
    put_user_policy(admin, user_name="dora", policy_name="conditional", policy_document=text)


def test_the_keys_that_policies_read_are_asked_for_with_their_types(signed_in, conditional):
    page = signed_in.get(PAGE, {"principal": "dora", "action": "sqs:SendMessage"})
    keys = {key.name: key for key in page.context["bench"].keys}
    assert keys["aws:SourceIp"].value_type == "IPAddress"
    assert keys["aws:SecureTransport"].is_bool
    assert "aws:SourceIp" in page.context["shown"].object_list[0].verdict.missing_context
    given = {"key": ["aws:SourceIp", "aws:SecureTransport"], "value": ["192.0.2.7", "true"]}
    page = signed_in.get(PAGE, {"principal": "dora", "action": "sqs:SendMessage", **given})
    assert outcomes(page) == {"sqs:SendMessage": "allowed"}


def test_a_value_that_does_not_fit_its_key_is_marked_and_kept(signed_in, conditional):
    given = {"key": ["aws:SourceIp"], "value": ["somewhere"]}
    page = signed_in.get(PAGE, {"principal": "dora", "action": "sqs:SendMessage", **given})
    key = next(key for key in page.context["bench"].keys if key.name == "aws:SourceIp")
    assert (key.value, key.error) == ("somewhere", "Invalid context value for key aws:SourceIp: expected IP address.")


def test_actions_are_chosen_from_a_service(signed_in):
    page = signed_in.get(reverse("access:simulator-actions"), {"service": "sqs", "search": "queue", "level": "Tagging"})
    assert [action.name for action in page.context["found"]] == ["TagQueue", "UntagQueue"]
    assert page.context["set"] == "sqs:*queue* Tagging"
    added = signed_in.post(PAGE, {"action": "s3:GetObject", "service": "sqs", "add": "set", "set": page.context["set"]})
    assert "action=s3%3AGetObject&action=sqs%3A%2Aqueue%2A+Tagging" in added.url
    ticked = signed_in.post(PAGE, {"service": "sqs", "add": "ticked", "pick": ["sqs:TagQueue"]})
    assert "action=sqs%3ATagQueue" in ticked.url
    assert "service=sqs" in ticked.url
    unknown = signed_in.get(reverse("access:simulator-actions"), {"service": "nosuch"})
    assert "No service has the prefix nosuch." in unknown.content.decode()


def test_names_are_suggested_to_who_may_list_them(signed_in, dora, client, make_user):
    address = reverse("access:simulator-principals")
    assert 'value="user/dora"' in signed_in.get(address, {"principal": "DOR"}).content.decode()
    sign_in(client, make_user("carl"))
    assert "dora" not in client.get(address, {"principal": "dor"}).content.decode()


def test_the_question_is_folded_when_it_is_answered_and_open_while_it_is_put(signed_in, dora):
    ask = {"principal": "dora", "action": ["s3:GetObject", "s3:PutObject"], "resource": BUCKET}
    folded = '<details class="disclosure question" id="question"><summary>'
    opened = folded.replace("><summary>", " open><summary>")
    text = signed_in.get(PAGE, ask).content.decode()
    assert folded in text
    assert f"Question: dora · s3:GetObject and 1 more · {BUCKET}" in text
    assert opened in signed_in.get(PAGE).content.decode()
    assert opened in signed_in.get(PAGE, {**ask, "action": "nonsense"}).content.decode()
    edits = signed_in.post(PAGE, {**ask, "editor": "user/dora/own"})
    assert edits.url.endswith("#their-policies")
    assert opened in signed_in.get(edits.url).content.decode()
    assert signed_in.post(PAGE, {**ask, "show": "1", "service": "sqs"}).url.endswith("#choose")
    assert "asking" not in signed_in.get(edits.url).context["address"]


def test_there_is_one_main_button_at_the_end_of_the_form(signed_in, dora):
    text = signed_in.get(PAGE).content.decode().partition("<main")[2].partition("</main>")[0]
    assert text.count("button primary") == 1
    assert text.index("button primary") > text.index('id="id_resource"')


def test_the_results_say_what_they_take_otherwise_than_stored(signed_in, dora):
    ask = {"principal": "dora", "action": "s3:GetObject"}
    assert "Otherwise than stored" not in signed_in.get(PAGE, ask).content.decode()
    changed = {
        "edit": "user/dora/own",
        "document": document("s3:ListBucket"),
        "out": "group/Ops/shared",
        "boundary": document("*"),
    }
    text = signed_in.get(PAGE, {**ask, **changed}).content.decode()
    assert (
        "Otherwise than stored: own (inline policy of user dora) edited, shared (inline policy of group Ops) left out,"
        in text
    )
    assert "left out, another permissions boundary. Nothing is saved." in text
    assert "Restore the stored document" in text


@pytest.mark.parametrize("number", ["", "-1", "7", "x", "99999999"])
def test_there_is_no_decision_of_another_number(signed_in, dora, number):
    assert signed_in.get(DECISION, {"principal": "dora", "action": "s3:GetObject", "ask": number}).status_code == 404


def test_results_are_exported_as_csv_and_json(signed_in, dora):
    ask = {"principal": "dora", "action": ["s3:DeleteObject", "s3:ListBucket"]}
    answer = signed_in.get(PAGE, {**ask, "export": "csv"})
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [(row["action"], row["outcome"], row["decided_by"]) for row in rows] == [
        ("s3:DeleteObject", "explicitDeny", "denying / Never"),
        ("s3:ListBucket", "implicitDeny", ""),
    ]
    answer = signed_in.get(PAGE, {**ask, "export": "json"})
    assert [row["outcome"] for row in json.loads(b"".join(answer.streaming_content))] == [
        "explicitDeny",
        "implicitDeny",
    ]


@pytest.mark.parametrize("principal", ["dora", "group/Ops", "role/worker"])
def test_cases_are_decided_alike_by_the_engine_s_own_command(signed_in, dora, account, conditional, principal):
    trust = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}}'
    role = Role.objects.create(
        account=account, name="worker", name_key="worker", unique_id=unique_id("AROA"), trust_policy=trust
    )
    ask = {
        "principal": principal,
        "action": ["s3:GetObject", "s3:DeleteObject", "sqs:SendMessage", "sts:AssumeRole", "kms:Decrypt"],
        "resource": [
            f"{BUCKET}/a",
            role.arn,
            "arn:aws:kms:eu-west-1:999999999999:key/1",
            f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q",
        ],
        "policy": document(["sts:AssumeRole", "kms:Decrypt"]),
        "key": ["aws:SourceIp", "aws:SecureTransport"],
        "value": ["192.0.2.7", "true"],
        "export": "cases",
    }
    lines = b"".join(signed_in.get(PAGE, ask).streaming_content).decode().splitlines()
    assert len(lines) == 20
    expected = [json.loads(line)["expected"]["decision"] for line in lines]
    assert [json.loads(answer)["decision"] for answer in answers(lines)] == expected
    assert {"allowed"} < set(expected)


def test_cases_have_documents_and_so_are_for_whom_may_read_them(client, make_user, dora):
    ask = {"principal": "dora", "action": "s3:GetObject", "policy": document("s3:GetObject")}
    sign_in(client, make_user("ann", document("iam:SimulatePrincipalPolicy")))
    assert "export=csv" in client.get(PAGE, ask).content.decode()
    assert "export=cases" not in client.get(PAGE, ask).content.decode()
    assert client.get(PAGE, {**ask, "export": "csv"}).status_code == 200
    refused = client.get(PAGE, {**ask, "export": "cases"})
    assert (refused.status_code, "iam:GetUserPolicy" in refused.content.decode()) == (403, True)
    rights = ["iam:SimulatePrincipalPolicy", "iam:GetUserPolicy", "iam:GetGroupPolicy", "iam:GetPolicyVersion"]
    sign_in(client, make_user("ben", document(rights)))
    assert "export=cases" in client.get(PAGE, ask).content.decode()
    assert client.get(PAGE, {**ask, "export": "cases"}).status_code == 200


def test_each_simulation_is_authorised_and_recorded(signed_in, dora, last_event):
    signed_in.get(PAGE, {"principal": "dora", "action": "s3:GetObject"})
    record = last_event()
    assert (record["eventName"], record["readOnly"]) == ("SimulatePrincipalPolicy", True)
    assert record["resources"][0]["ARN"] == dora.arn


def test_without_the_permission_the_page_is_refused_with_what_is_missing(client, make_user, dora):
    sign_in(client, make_user("bob"))
    page = client.get(PAGE)
    assert page.status_code == 403
    assert "iam:SimulatePrincipalPolicy" in page.content.decode()
    assert client.get(PAGE, {"principal": "dora", "action": "s3:GetObject"}).status_code == 403
    assert client.get(DECISION, {"principal": "dora", "action": "s3:GetObject", "ask": "0"}).status_code == 403
    assert "Simulator" not in client.get("/").content.decode()


def test_whoever_may_simulate_only_themself_does_that_and_no_more(client, make_user, dora):
    mine = document("iam:SimulatePrincipalPolicy", "arn:aws:iam::*:user/${aws:username}")
    sign_in(client, make_user("eva", mine))
    assert client.get(PAGE).status_code == 200
    assert client.get(PAGE, {"principal": "eva", "action": "s3:GetObject"}).status_code == 200
    assert client.get(PAGE, {"principal": "dora", "action": "s3:GetObject"}).status_code == 403


def test_documents_stay_hidden_from_who_may_not_read_them(client, make_user, dora, conditional, admin):
    secret = document("s3:GetBucketAcl", "arn:aws:s3:::very-secret-name")
    arn = create_policy(admin, policy_name="guarded", policy_document=secret)["Policy"]["Arn"]
    attach_user_policy(admin, user_name="dora", policy_arn=arn)
    sign_in(client, make_user("fay", document(["iam:SimulatePrincipalPolicy", "iam:GetGroupPolicy"])))
    ask = {
        "principal": "dora",
        "action": ["s3:GetBucketAcl", "s3:PutObject"],
        "resource": "arn:aws:s3:::very-secret-name",
    }
    for address in (PAGE, DECISION):
        page = client.get(
            address, {**ask, "resource": "arn:aws:s3:::other", "open": [arn, "user/dora/own"], "ask": "0"}
        )
        assert "very-secret-name" not in page.content.decode()
    page = client.get(DECISION, {**ask, "ask": "0"})
    assert "You may not read this policy" in page.content.decode()
    assert page.context["documents"] == []
    assert client.get(DECISION, {**ask, "ask": "1"}).context["documents"][0].name == "shared"


@pytest.mark.parametrize("number", [1, 1000])
def test_the_page_costs_the_same_number_of_queries_at_any_size(signed_in, dora, number, django_assert_max_num_queries):
    query = {
        "principal": "dora",
        "action": [f"s3:Action{n}" for n in range(number // 10 or 1)],
        "resource": [f"{BUCKET}/{n}" for n in range(min(number, 10))],
    }
    signed_in.get(PAGE, query)
    with django_assert_max_num_queries(15):
        signed_in.get(PAGE, query)
