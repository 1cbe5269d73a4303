"""One decision of the simulator, explained, and the way from one to the next."""

import csv
import io
import json

from accounts.operations.attachments import attach_group_policy
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.inline_policies import put_group_policy
from accounts.operations.roles import create_role
from accounts.operations.tags import tag_role
from policies.operations.managed_policies import create_policy
from tests.access.conftest import document
from tests.access.test_pages_simulator import BUCKET, DECISION, PAGE
from tests.conftest import ACCOUNT
from tests.signing_in import sign_in


def test_a_decision_is_explained_with_its_statement_marked_in_the_document(signed_in, dora):
    ask = {"principal": "dora", "action": ["s3:GetObject", "s3:DeleteObject"], "ask": "1"}
    page = signed_in.get(DECISION, ask)
    assert page.context["explanation"].outcome == "explicitDeny"
    assert [statement.label for statement in page.context["explanation"].deciding] == ["Never"]
    assert [(each.name, each.hit) for each in page.context["documents"]] == [("denying", "4-9")]
    text = page.content.decode()
    assert 'class="hit explicit-deny"' in text
    assert page.context["before"] == ""
    assert "ask=0" in page.context["after"]


def test_denials_come_first_on_all_pages_and_in_every_export(signed_in, dora):
    actions = [f"s3:PutObject{n}" for n in range(60)] + ["s3:GetObject", "s3:ListBucket", "s3:DeleteObject"]
    policy = document("s3:PutObject*")
    ask = {"principal": "dora", "policy": policy, "action": actions}
    page = signed_in.get(PAGE, ask)
    first = [(row.verdict.action, row.number) for row in page.context["shown"].object_list]
    assert first[:3] == [("s3:DeleteObject", 62), ("s3:ListBucket", 61), ("s3:PutObject0", 0)]
    second = [row.verdict.action for row in signed_in.get(PAGE, {**ask, "page": 2}).context["shown"].object_list]
    assert [name for name, _number in first] + second == [actions[62], actions[61], *actions[:61]]
    allowed = signed_in.get(PAGE, {**ask, "outcome": "allowed"}).context["shown"].object_list
    assert [row.verdict.action for row in allowed] == actions[:50]
    for form, read in (
        ("csv", lambda text: [row["action"] for row in csv.DictReader(io.StringIO(text))]),
        ("json", lambda text: [row["action"] for row in json.loads(text)]),
        ("cases", lambda text: [json.loads(line)["request"]["action"] for line in text.splitlines()]),
    ):
        text = b"".join(signed_in.get(PAGE, {**ask, "export": form}).streaming_content).decode()
        assert read(text) == [actions[62], actions[61], *actions[:61]], form


def test_decisions_are_leafed_through_as_they_are_listed(signed_in, dora):
    actions = ["s3:GetObject", "s3:DeleteObject", "s3:PutObject", "s3:DeleteBucket"]
    ask = {"principal": "dora", "action": actions}
    page = signed_in.get(DECISION, {**ask, "ask": "3"})
    text = page.content.decode()
    assert "2 of 4" in text
    assert "ask=1" in page.context["before"]
    assert "ask=0" in page.context["after"]
    page = signed_in.get(DECISION, {**ask, "ask": "3", "outcome": "explicitDeny"})
    assert "2 of 2" in page.content.decode()
    assert "disabled" in page.content.decode().partition("Next")[0].rpartition("<button")[2]
    assert "outcome=explicitDeny" in page.context["before"]
    assert "outcome=explicitDeny#results" in page.context["back"]


def test_the_only_decision_is_not_leafed_through(signed_in, dora):
    page = signed_in.get(DECISION, {"principal": "dora", "action": "s3:GetObject", "ask": "0"}).content.decode()
    assert "Back to the results" in page
    assert "1 of 1" not in page
    assert "chevron-right" not in page.partition("Back to the results")[0].rpartition("<h1>")[2]


def test_decisions_of_a_long_question_are_leafed_through_by_form(signed_in, dora):
    large = document("s3:ListBucket", [f"{BUCKET}/{n:05}" for n in range(400)] + ["*"])
    ask = {"principal": "dora", "action": "s3:ListBucket\ns3:DeleteObject", "policy": large}
    listed = signed_in.post(PAGE, {**ask, "outcome": "explicitDeny"})
    assert 'form="simulation" name="outcome" value="explicitDeny"' in listed.content.decode()
    assert len(signed_in.post(PAGE, {**ask, "outcome": "explicitDeny", "simulate": "1"}).context["shown"]) == 2
    text = signed_in.post(DECISION, {**ask, "ask": "1"}).content.decode()
    assert "1 of 2" in text
    assert f'formaction="{DECISION}" name="ask" value="0"' in text
    assert f'formaction="{DECISION}" name="ask" disabled' in text


def test_a_decision_s_heading_names_action_and_resource(signed_in, dora):
    page = signed_in.get(DECISION, {"principal": "dora", "action": "s3:GetObject", "resource": f"{BUCKET}/a", "ask": 0})
    assert f"<h1>s3:GetObject on {BUCKET}/a" in page.content.decode()


def test_a_decision_is_told_in_one_sentence_and_by_stages_that_say_what_was_found(signed_in, dora):
    ask = {"principal": "dora", "action": ["s3:GetObject", "s3:DeleteObject", "s3:ListBucket"], "resource": BUCKET}
    told = {
        "0": (
            f"dora may perform s3:GetObject on {BUCKET}: every layer that must allow does",
            "No explicit deny",
            "Allowed",
        ),
        "1": (
            f"dora may not perform s3:DeleteObject on {BUCKET}: Never in denying forbids it.",
            "Explicit deny",
            "Denied: a policy forbids it",
        ),
        "2": (
            f"dora may not perform s3:ListBucket on {BUCKET}: no policy allows it.",
            "No explicit deny",
            "Denied: no policy allows it",
        ),
    }
    for number, (sentence, stage, word) in told.items():
        page = signed_in.get(DECISION, {**ask, "ask": number})
        explanation = page.context["explanation"]
        assert explanation.sentence.startswith(sentence)
        assert (str(explanation.stages[0]["name"]), str(explanation.word)) == (stage, word)
        assert all(each["note"][0].isupper() or each["note"][0].isdigit() for each in explanation.stages)
        assert "All statements that were checked" in page.content.decode()


def test_a_denial_by_the_boundary_alone_says_so(signed_in, dora, admin):
    arn = create_policy(admin, policy_name="edge", policy_document=document("ec2:*"))["Policy"]["Arn"]
    put_user_permissions_boundary(admin, user_name="dora", permissions_boundary=arn)
    explanation = signed_in.get(DECISION, {"principal": "dora", "action": "s3:GetObject", "ask": 0}).context[
        "explanation"
    ]
    assert explanation.sentence.endswith("it is allowed in part, but not by: Permissions boundary.")
    assert str(explanation.word) == "Denied: allowed only in part"


def test_the_verdict_on_an_element_stands_beside_its_name(signed_in, dora):
    text = signed_in.get(DECISION, {"principal": "dora", "action": "s3:GetObject", "ask": 0}).content.decode()
    assert '<th scope="col">Element</th><th scope="col">Verdict</th>' in text
    assert 'class="matched"' in text.partition('<th scope="row">Action</th>')[2].partition("</td>")[0]


def test_policies_of_one_name_are_told_apart(signed_in, dora, admin):
    put_group_policy(admin, group_name="Ops", policy_name="own", policy_document=document("s3:*Object", Sid="All"))
    ask = {"principal": "dora", "action": "s3:GetObject"}
    text = signed_in.get(DECISION, {**ask, "ask": 0}).content.decode()
    assert "own – inline policy of user dora" in text
    assert "own – inline policy of group Ops" in text
    assert "<b>own › Statement 1</b> <small>and 1 more</small>" in signed_in.get(PAGE, ask).content.decode()


def test_a_trust_policy_is_shown_to_whom_may_read_the_role(client, make_user, admin, dora):
    trusting = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    trusting |= {"Condition": {"StringEquals": {"sts:ExternalId": "confidential"}}}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [trusting]})
    arn = create_role(admin, role_name="deployer", assume_role_policy_document=trust)["Role"]["Arn"]
    tag_role(admin, role_name="deployer", tags=[{"Key": "kept", "Value": "secret"}])
    ask = {"principal": "dora", "action": "sts:AssumeRole", "resource": arn, "ask": "0"}
    may_simulate = {"Effect": "Allow", "Action": ["iam:SimulatePrincipalPolicy", "iam:GetRole"], "Resource": "*"}
    but = {"Effect": "Deny", "Action": "iam:GetRole", "Resource": "*"}
    unless = {"Condition": {"StringEquals": {"aws:ResourceTag/kept": "secret"}}}
    for name, statements, is_told in (
        ("ann", [may_simulate], True),
        ("ben", [may_simulate, but], False),
        ("cid", [may_simulate, but | unless], False),
    ):
        sign_in(client, make_user(name, json.dumps({"Version": "2012-10-17", "Statement": statements})))
        page = client.get(DECISION, ask)
        assert page.context["explanation"].outcome == "implicitDeny"
        assert ("confidential" in page.content.decode()) is is_told


OWN = "arn:aws:iam::*:user/${aws:username}"


class TestAResourceThatIsStarItself:
    """A statement that names resources does not match `*`: that is no abbreviation for all of them."""

    def told(self, client, number=0, **ask):
        page = client.get(DECISION, {"principal": "dora", "ask": number, **ask})
        return page.context["explanation"], page

    def test_it_is_said_and_the_resource_that_would_match_is_offered(self, signed_in, dora, admin):
        own = OWN.replace("*", ACCOUNT)
        put_group_policy(
            admin, group_name="Ops", policy_name="keys", policy_document=document("iam:ListAccessKeys", own)
        )
        explanation, page = self.told(signed_in, action="iam:ListAccessKeys")
        arn = f"arn:aws:iam::{ACCOUNT}:user/dora"
        assert explanation.remedies[0] == (
            f"Statement 1 in keys allows the action on {arn}. What was asked about is * itself, not every resource."
        )
        (instead,) = page.context["instead"]
        assert instead.resource == arn
        assert f"<code>{arn}</code>" in page.content.decode().replace("<wbr>", "").partition("Here:")[2][:80], (
            "what the variable stands for"
        )
        asked = signed_in.get(instead.address)
        assert asked.context["bench"].question.resources == (arn,)
        assert [row.verdict.outcome for row in asked.context["shown"].object_list] == ["allowed"]
        assert (
            "No policy allows it on * itself"
            in signed_in.get(PAGE, {"principal": "dora", "action": "iam:ListAccessKeys"}).content.decode()
        )

    def test_patterns_are_named_and_only_their_account_is_put_in(self, signed_in, dora, admin):
        put_group_policy(
            admin,
            group_name="Ops",
            policy_name="keys",
            policy_document=document("iam:ListAccessKeys", [OWN, f"{BUCKET}/*"]),
        )
        explanation, page = self.told(signed_in, action="iam:ListAccessKeys")
        assert f"on arn:aws:iam::*:user/dora, {BUCKET}/*." in explanation.remedies[0]
        assert explanation.instead == [f"arn:aws:iam::{ACCOUNT}:user/dora"], (
            "of her account; the other is a pattern still"
        )

    def test_a_variable_without_a_value_stays_as_it_is_written(self, signed_in, dora, admin):
        named = "arn:aws:iam::1:user/${aws:PrincipalTag/nick}"
        put_group_policy(
            admin, group_name="Ops", policy_name="keys", policy_document=document("iam:ListAccessKeys", named)
        )
        explanation, page = self.told(signed_in, action="iam:ListAccessKeys")
        assert named in explanation.remedies[0]
        assert page.context["instead"] == []

    def test_what_else_does_not_match_is_said_too(self, signed_in, dora, admin):
        condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
        put_group_policy(
            admin,
            group_name="Ops",
            policy_name="keys",
            policy_document=document("iam:ListAccessKeys", BUCKET, Condition=condition),
        )
        explanation, _page = self.told(
            signed_in, action="iam:ListAccessKeys", key="aws:MultiFactorAuthPresent", value="false"
        )
        assert explanation.remedies[0].endswith("and it does not match by its Condition.")

    def test_another_resource_is_told_as_ever(self, signed_in, dora, admin):
        put_group_policy(
            admin, group_name="Ops", policy_name="keys", policy_document=document("iam:ListAccessKeys", OWN)
        )
        explanation, page = self.told(
            signed_in, action="iam:ListAccessKeys", resource=f"arn:aws:iam::{ACCOUNT}:user/eve"
        )
        assert explanation.remedies[0] == "Statement 1 in keys allows the action, but does not match by its Resource."
        assert page.context["instead"] == []

    def test_a_long_question_is_asked_again_by_form(self, signed_in, dora, admin):
        put_group_policy(
            admin, group_name="Ops", policy_name="keys", policy_document=document("iam:ListAccessKeys", BUCKET)
        )
        large = document("s3:ListBucket", [f"{BUCKET}/{n:05}" for n in range(400)])
        page = signed_in.post(
            DECISION, {"principal": "dora", "action": "iam:ListAccessKeys", "policy": large, "ask": "0"}
        )
        (instead,) = page.context["instead"]
        assert instead.address == ""
        assert ("resource", BUCKET) in instead.fields
        answer = signed_in.post(PAGE, dict(instead.fields))
        assert [row.verdict.outcome for row in answer.context["shown"].object_list] == ["allowed"]

    def test_a_policy_that_may_not_be_read_is_not_told_of(self, client, make_user, dora, admin):
        own = OWN.replace("*", ACCOUNT)
        arn = create_policy(admin, policy_name="keys", policy_document=document("iam:ListAccessKeys", own))["Policy"][
            "Arn"
        ]
        attach_group_policy(admin, group_name="Ops", policy_arn=arn)
        sign_in(client, make_user("liz", document(["iam:SimulatePrincipalPolicy", "iam:GetUser"])))
        explanation, page = self.told(client, action="iam:ListAccessKeys")
        assert explanation.instead == []
        assert "Simulate arn:" not in page.content.decode().replace("<wbr>", "")
        assert not any("allows the action on" in each for each in explanation.remedies)
