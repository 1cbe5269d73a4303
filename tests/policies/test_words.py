"""Identity policies in sentences: what each element of a statement becomes, and what of large and wrong documents."""

import json

import pytest

from engine import Policy
from policies.words import sentences_of
from policies.words.conditions import when
from policies.words.statements import LONGEST_DOCUMENT, LONGEST_SENTENCE, MOST_ITEMS, MOST_STATEMENTS


def written(*statements, version="2012-10-17"):
    return json.dumps({"Version": version, "Statement": list(statements)}, indent=2)


def statement(**members):
    whole = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **members}
    return {name: value for name, value in whole.items() if value is not None}


def said(**members):
    found = sentences_of(written(statement(**members)))
    assert found is not None
    return found.statements[0].text


def test_what_can_match_no_request_is_not_marked_as_allowed():
    found = sentences_of(written(statement(Action=[]), statement()))
    assert found is not None
    assert [each.matches for each in found.statements] == [False, True]


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("*", "every action of every service"),
        ("*:*", "every action of every service"),
        ("s3:*", "every action of Amazon S3"),
        (["s3:*", "s3:GetObject"], "every action of Amazon S3"),
        ("s3:GetObject", "GetObject of Amazon S3"),
        (["s3:GetObject", "S3:getobject"], "getobject of Amazon S3"),
        (["s3:GetObject", "s3:PutObject"], "GetObject and PutObject of Amazon S3"),
        ("s3:Get*", "every action of Amazon S3 that begins with Get"),
        (["s3:Get*", "s3:List*"], "every action of Amazon S3 that begins with Get or List"),
        ("s3:*Tagging", "every action of Amazon S3 that ends with Tagging"),
        ("s3:*Acl*", "every action of Amazon S3 that contains Acl"),
        ("s3:Get*Acl", "every action of Amazon S3 that matches Get*Acl"),
        ("s3:GetObjec?", "every action of Amazon S3 that matches GetObjec?"),
        ("s3:**", "every action of Amazon S3 that matches **"),
        (
            ["s3:Get*", "s3:PutObject", "ec2:*"],
            "PutObject of Amazon S3, every action of Amazon S3 that begins with Get and every action of Amazon EC2",
        ),
        ("*:Get*", "every action that matches *:Get*"),
        ("nothing:Do", "Do of nothing"),
    ],
)
def test_actions_with_their_wildcards(action, words):
    assert said(Action=action) == f"Allows {words}, on every resource."


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({"Effect": "Deny"}, "Denies GetObject of Amazon S3, on every resource."),
        (
            {"Action": None, "NotAction": ["iam:*", "sts:AssumeRole"]},
            (
                "Allows every action except every action of AWS Identity and Access Management (IAM) and AssumeRole of "
                "AWS Security Token Service, on every resource."
            ),
        ),
        ({"Action": None, "NotAction": "*"}, "Allows nothing: it names no action."),
        ({"Action": None, "NotAction": []}, "Allows every action of every service, on every resource."),
        ({"Action": []}, "Allows nothing: it names no action."),
        ({"Resource": [], "Effect": "Deny"}, "Denies nothing: it names no resource."),
        ({"Resource": None, "NotResource": ["a", "*"]}, "Allows nothing: it names no resource."),
        ({"Resource": "arn:aws:s3:::a"}, "Allows GetObject of Amazon S3, on arn:aws:s3:::a."),
        (
            {"Resource": ["arn:aws:s3:::b/*", "arn:aws:s3:::a"]},
            "Allows GetObject of Amazon S3, on arn:aws:s3:::a and whatever matches arn:aws:s3:::b/*.",
        ),
        (
            {"Resource": None, "NotResource": ["arn:aws:s3:::a", "arn:aws:s3:::b?"]},
            "Allows GetObject of Amazon S3, on every resource except arn:aws:s3:::a and whatever matches arn:aws:s3:::b?.",
        ),
        (
            {"Resource": "arn:aws:iam::*:user/${aws:username}"},
            "Allows GetObject of Amazon S3, on whatever matches arn:aws:iam::*:user/${aws:username}.",
        ),
    ],
)
def test_effect_resources_and_what_is_excepted(members, sentence):
    assert said(**members) == sentence


MFA, IP, TEAM, KEYS = "aws:MultiFactorAuthPresent", "aws:SourceIp", "aws:PrincipalTag/team", "aws:TagKeys"


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"Bool": {MFA: "true"}}, "only while MFA was used in the session"),
        ({"Bool": {MFA: False}}, "only while the session says that MFA was not used"),
        ({"BoolIfExists": {MFA: "true"}}, "only while MFA was used in the session (or the request does not say)"),
        ({"BoolIfExists": {MFA: "false"}}, "unless MFA was used in the session"),
        ({"Bool": {"aws:ViaAWSService": "true"}}, "only while aws:ViaAWSService is true"),
        ({"Bool": {MFA: ["true", "false"]}}, f"only while {MFA} is true or false"),
        ({"IpAddress": {IP: ["10.0.0.0/8", "192.0.2.7"]}}, "only while the source address is in 10.0.0.0/8 or 192.0.2.7"),
        ({"NotIpAddress": {IP: "10.0.0.0/8"}}, "unless the source address is in 10.0.0.0/8"),
        ({"StringEquals": {TEAM: "ops"}}, "only while the caller's tag team is ops"),
        ({"StringNotEquals": {TEAM: ["ops", "dev"]}}, "unless the caller's tag team is ops or dev"),
        ({"StringEqualsIfExists": {TEAM: "ops"}}, "only while the caller's tag team is ops (or the request does not say)"),
        ({"StringEqualsIgnoreCase": {TEAM: "ops"}}, "only while the caller's tag team is ops in capital or small letters"),
        ({"StringLike": {"s3:prefix": ["home/*", "x"]}}, "only while s3:prefix matches home/* or x"),
        ({"StringLike": {"s3:prefix": "home"}}, "only while s3:prefix is home"),
        ({"StringNotLike": {"s3:prefix": "home/${aws:username}/*"}}, "unless s3:prefix matches home/${aws:username}/*"),
        ({"StringEquals": {TEAM: ["", "a, b"]}}, 'only while the caller\'s tag team is "" or "a, b"'),
        ({"StringEquals": {"s3:prefix": "${aws:username, 'x y'}"}}, "only while s3:prefix is ${aws:username, 'x y'}"),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/a"}}, "only while the caller's ARN matches arn:aws:iam::*:role/a"),
        ({"ArnNotEquals": {"aws:SourceArn": "arn:aws:sns:::t"}}, "unless the resource for which the service calls is arn:aws:sns:::t"),
        ({"DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}}, "only while the time of the request is before 2027-01-01T00:00:00Z"),
        ({"DateGreaterThanEquals": {"aws:CurrentTime": "2026-01-01"}}, "only while the time of the request is not before 2026-01-01"),
        ({"DateNotEquals": {"aws:CurrentTime": "2026-01-01"}}, "unless the time of the request is exactly 2026-01-01"),
        ({"NumericLessThanEquals": {"aws:MultiFactorAuthAge": 3600}}, "only while the number of seconds since MFA was used is at most 3600"),
        ({"NumericNotEquals": {"s3:max-keys": "10"}}, "unless s3:max-keys is 10"),
        ({"Null": {KEYS: "true"}}, f"only while {KEYS} is not in the request"),
        ({"Null": {KEYS: ["false"]}}, f"only while {KEYS} is in the request"),
        ({"Null": {KEYS: [True, False]}}, f"only while {KEYS} is in the request or not"),
        ({"ForAllValues:StringEquals": {KEYS: ["a", "b"]}}, f"only while every value of {KEYS} is a or b (or there is none)"),
        ({"ForAllValues:StringNotEquals": {KEYS: ["a", "b"]}}, f"only while no value of {KEYS} is a or b (or there is none)"),
        ({"ForAnyValue:StringLike": {KEYS: "a*"}}, f"only while at least one value of {KEYS} matches a*"),
        ({"ForAnyValue:StringNotEquals": {KEYS: "a"}}, f"only while at least one value of {KEYS} is not a"),
        ({"ForAnyValue:StringNotLike": {KEYS: ["a*", "b"]}}, f"only while at least one value of {KEYS} matches none of a* and b"),
        ({"ForAnyValue:ArnNotLike": {"aws:CalledVia": "x*"}}, "only while at least one value of aws:CalledVia does not match x*"),
        ({"ForAnyValue:NumericNotEquals": {KEYS: [1, 2]}}, f"only while at least one value of {KEYS} is none of 1 and 2"),
        ({"ForAnyValue:DateNotEquals": {KEYS: "2026"}}, f"only while at least one value of {KEYS} is not exactly 2026"),
        ({"ForAnyValue:NotIpAddress": {KEYS: "10.0.0.1"}}, f"only while at least one value of {KEYS} is not in 10.0.0.1"),
        ({"ForAnyValue:StringEqualsIfExists": {KEYS: "a"}}, f"only while at least one value of {KEYS} is a (or there is none)"),
        ({"StringEquals": {TEAM: []}}, "only while the caller's tag team is one of no values, which never holds"),
        ({"ForAnyValue:StringNotEquals": {KEYS: []}}, f"only while at least one value of {KEYS} is none of no values, which always holds"),
        ({"BinaryEquals": {"x:y": "QQ=="}}, "only while x:y is, in Base64, QQ=="),
        (
            {"Bool": {MFA: "true"}, "StringEquals": {"aws:RequestedRegion": "eu-west-1"}, "NotIpAddress": {IP: "10.0.0.0/8"}, "StringNotEquals": {TEAM: "ops"}},
            "only while MFA was used in the session, and the Region that is called is eu-west-1, unless the source address is in 10.0.0.0/8, or the caller's tag team is ops",
        ),
    ],
)  # fmt: skip
def test_conditions_say_when_they_hold_and_what_of_an_absent_key(condition, words):
    policy = Policy.from_value({"Version": "2012-10-17", "Statement": [statement(Condition=condition)]})
    assert when(policy.statements[0].conditions).words(allows=True) == words
    denied = when(policy.statements[0].conditions).words(allows=False)
    assert denied == words.replace("only while", "while")


def test_a_statement_with_conditions_is_one_sentence():
    assert said(Effect="Deny", Condition={"BoolIfExists": {MFA: "false"}}) == (
        "Denies GetObject of Amazon S3, on every resource, unless MFA was used in the session."
    )


def test_a_long_statement_is_short_lists_of_the_same():
    conditions = {"Bool": {MFA: "true"}, "NotIpAddress": {IP: [f"10.{n}.0.0/16" for n in range(20)]}}
    actions = [f"{service}:Get*" for service in ("s3", "ec2", "iam", "kms", "sqs", "sns")]
    found = sentences_of(written(statement(Action=actions, Condition=conditions))).statements[0]
    assert len(found.text) > LONGEST_SENTENCE
    assert [part.heading for part in found.parts] == ["Allows", "On", "Only while all of this holds", "Unless"]
    assert [len(part.items) for part in found.parts] == [6, 1, 1, 1]
    assert not any(part.more for part in found.parts)


def test_places_names_and_numbers():
    text = written(statement(Sid="First"), statement(Effect="Deny"))
    found = sentences_of(text)
    assert [(each.number, each.sid, each.allows) for each in found.statements] == [(1, "First", True), (2, "", False)]
    assert [text.splitlines()[each.line - 1].strip() for each in found.statements] == ["{", "{"]
    assert [text.splitlines()[each.last_line - 1].strip(" ,") for each in found.statements] == ["}", "}"]


def test_variables_of_an_old_version_are_said_to_be_plain_text():
    own = statement(Resource="arn:aws:s3:::${aws:username}")
    assert sentences_of(written(own, version="2008-10-17")).statements[0].note
    assert not sentences_of(written(own)).statements[0].note
    assert not sentences_of(written(statement(), version="2008-10-17")).statements[0].note


def test_what_is_no_policy_has_no_sentences():
    for text in ("", "{", "[]", '{"Statement": 1}', "x" * (LONGEST_DOCUMENT + 1)):
        assert sentences_of(text) is None


def test_large_documents_are_bounded_and_what_is_left_out_is_counted():
    many = sentences_of(json.dumps({"Statement": [statement()] * (MOST_STATEMENTS + 2)}))
    assert len(many.statements) == MOST_STATEMENTS
    assert many.more == "2 more statements are not put into words here."
    wide = sentences_of(written(statement(Resource=[f"arn:aws:s3:::b{n}" for n in range(MOST_ITEMS + 5)]))).statements[
        0
    ]
    assert len(wide.parts[1].items) == MOST_ITEMS
    assert wide.parts[1].more == "and 5 more"


def test_many_names_stand_in_a_list_that_is_folded():
    actions = [f"s3:Get{n}" for n in "ABCDEFG"]
    found = sentences_of(written(statement(Action=actions))).statements[0]
    assert found.text.startswith("Allows GetA, GetB, GetC, GetD, GetE, GetF and GetG of Amazon S3"), (
        "as one sentence it says the same"
    )
    (listed,) = found.parts[0].items
    assert (listed.service, listed.names) == ("Amazon S3", [f"Get{n}" for n in "ABCDEFG"])
    few = sentences_of(written(statement(Action=actions[:5]))).statements[0]
    assert not few.parts, "five are a sentence"


def test_many_resources_and_values_stand_in_lists():
    resources = [f"arn:aws:s3:::{n}" for n in "abcdefgh"]
    part = sentences_of(written(statement(Resource=resources))).statements[0].parts[1]
    assert (list(part.shown), list(part.folded), part.folded_words) == (resources[:5], resources[5:], "and 3 more")
    values = sentences_of(
        written(statement(Condition={"IpAddress": {IP: [f"10.0.0.{n}" for n in range(6)]}}))
    ).statements[0]
    assert [each.heading for each in values.parts] == ["Allows", "On", "Only while all of this holds"]
