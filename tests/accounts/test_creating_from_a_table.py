"""Several users from a list or a table: each line checked, shown and taken as it says."""

import html
import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.forms.users import LONGEST_FILE
from accounts.models import User
from accounts.operations.attachments import attach_group_policy
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_group_policy
from accounts.operations.memberships import add_user_to_group
from policies.operations.managed_policies import create_policy
from tests.accounts.browser import html_of as text
from tests.conftest import ADMINISTRATOR
from tests.signing_in import sign_in

pytestmark = pytest.mark.django_db

CREATOR = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:CreateUser","Resource":"*"}]}'
LOOKING = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
REST = {"access": "none", "path": "/staff/"}
TABLE = """user_name,path,groups,tags
ann.lee,/people/,Auditors; On-call,team = ops; cost = 12

bob,,,
"cyd",/x/,"On-call
Auditors","a\\=b = c=d"
"""


@pytest.fixture
def groups(system):
    for name in ("Auditors", "On-call"):
        create_group(system, group_name=name)


def sent(browser, names, **more):
    return browser.post(reverse("accounts:user-create"), REST | {"user_names": names} | more)


def said(browser, names, **more):
    return html.unescape(text(sent(browser, names, **more)))


def test_each_line_is_taken_as_it_says_with_what_is_said_of_all(administrator, groups):
    """The path of a line stands instead of the form's, its groups beside them, its tags over them."""
    preview = said(administrator, TABLE, review="1", tags="team = all\nstaff = yes")
    for shown in ("Auditors, On-call", "<code>team = ops</code>", "<code>/people/</code>", "<code>/staff/</code>"):
        assert shown in preview
    assert not User.objects.filter(name="bob").exists()
    assert sent(administrator, TABLE, create="1", tags="team = all\nstaff = yes").status_code == 302
    found = {
        user.name: (
            user.path,
            sorted(row.group.name for row in user.memberships.all()),
            {tag.key: tag.value for tag in user.tags.all()},
        )
        for user in User.objects.filter(name__in=("ann.lee", "bob", "cyd"))
    }
    assert found == {
        "ann.lee": ("/people/", ["Auditors", "On-call"], {"team": "ops", "cost": "12", "staff": "yes"}),
        "bob": ("/staff/", [], {"team": "all", "staff": "yes"}),
        "cyd": ("/x/", ["Auditors", "On-call"], {"team": "all", "staff": "yes", "a=b": "c=d"}),
    }


@pytest.mark.parametrize(
    "table",
    [
        "User Name;Groups\r\nann.lee;Auditors|On-call\r\n",
        "username\tgroup\nann.lee\tAuditors;On-call\n",
        '"groups","user name"\n"Auditors;On-call","ann.lee"\n',
        "user-name , groups\nann.lee , auditors ; On-call ; Auditors\n",
        "\ufeffuser_name,groups\r\nann.lee,Auditors;On-call\r\n",
        "sep=;\r\nuser_name;groups\r\nann.lee;Auditors|On-call\r\n",
    ],
    ids=["semicolons", "tabs", "another order", "blanks", "pasted with its mark", "separator said"],
)
def test_tables_of_other_programs_are_read(administrator, groups, table):
    assert sent(administrator, table, create="1").status_code == 302
    user = User.objects.get(name="ann.lee")
    assert sorted(row.group.name for row in user.memberships.all()) == ["Auditors", "On-call"]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("ann.lee,/people/\nbob", "Line 1: ann.lee has more beside it: give the name alone, or say in a first line"),
        ("user_name,phone\nann.lee,12", "Line 1: phone is no column that is known"),
        ("user_name,path,Path\nann.lee,/a/,/b/", "Line 1: Path is no column that is known"),
        ("groups,user_name\nAuditors", "Line 2: – is no user name"),
        ("user_name,groups\nann.lee," + "a" * 131_073, "Line 2: – is no user name"),
        ("user_name,path\nann.lee,/a/,/b/", "Line 2: ann.lee has more cells than the heading"),
        ("user_name,,path\nann.lee,12,/a/", "Line 2: ann.lee has more cells than the heading"),
        ("user_name,path\nann.lee,people", "Line 2: ann.lee has a path that does not begin and end with a slash"),
        ("user_name,groups\n\nann.lee,Auditors;Nobody", "Line 3: ann.lee is to join Nobody, which does not exist"),
        ("user_name,tags\nann.lee,= ops", "Line 2: ann.lee has a tag that is none, or twice: = ops"),
        ("user_name,tags\nann.lee,a = 1;a = 2", "Line 2: ann.lee has a tag that is none, or twice: a = 2"),
        ("user_name,groups\nann.lee,\nANN.LEE,", "Line 3: ANN.LEE is typed twice"),
        ("user_name,groups\nno name,Auditors", "Line 2: no name is no user name"),
        ("user_name,groups\n,Auditors", "Line 2: – is no user name"),
        (
            'user_name,groups\nann.lee,"Auditors\nbob,On-call',
            "Line 2: ann.lee is to join bob,On-call, which does not exist",
        ),
        ("user_name,groups\n,", "There is no user below the heading"),
        ("user_name,groups", "There is no user below the heading"),
        ("user_name,tags\nann.lee,Team = 1;team = 2", "Line 2: ann.lee has a tag that is none, or twice: team = 2"),
        (
            "user_name,tags\nann.lee,aws:team = 1",
            "Line 2: ann.lee has tags that no user can have. System tags starting",
        ),
        (
            "user_name,tags\nann.lee,a = 1;b < c = 2",
            "ann.lee has tags that no user can have. Tag 2: Use letters, digits",
        ),
        (
            "user_name,tags\nann.lee," + ";".join(f"k{n} = v" for n in range(51)),
            "Line 2: ann.lee has tags that no user can have. Use at most 50 tags.",
        ),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_created_or_lost(administrator, groups, table, sentence):
    answer = said(administrator, table, create="1")
    assert sentence in answer
    assert table.splitlines()[0] in answer
    assert not User.objects.filter(name__iexact="ann.lee").exists()


@pytest.mark.parametrize(
    "names",
    ['"lee,ann"', 'bob\n"lee,ann",,', 'user_name\n"lee,ann"', 'user_name,path\n"lee,ann",/x/'],
    ids=["alone", "with empty columns", "below a heading", "in a table"],
)
def test_a_name_with_a_comma_stands_in_quotation_marks(administrator, names):
    assert sent(administrator, names, create="1").status_code == 302
    assert User.objects.filter(name="lee,ann").exists()


def test_a_tag_of_a_line_takes_the_place_of_one_that_differs_in_case(administrator):
    assert (
        sent(administrator, "user_name,tags\nann.lee,team = ops\nbob,", create="1", tags="Team = all").status_code
        == 302
    )
    assert list(User.objects.get(name="ann.lee").tags.values_list("key", "value")) == [("team", "ops")]
    assert list(User.objects.get(name="bob").tags.values_list("key", "value")) == [("Team", "all")]


def test_no_more_is_read_than_may_be_created(administrator):
    """However many lines are pasted: the database is asked about none of them."""
    answer = said(administrator, "\n".join(f"u{n}" for n in range(260_000)), review="1")
    assert "Create at most 200 users at once." in answer
    assert "will be created" not in answer


def test_who_may_create_nobody_is_not_told_who_exists(client, make_user, groups):
    """The refused form says the same of a user that is there and of one that is not."""
    sign_in(client, make_user("reader", None))
    make_user("ann.lee", None)
    answer = sent(client, "ann.lee\nnobody.here", review="1")
    assert answer.status_code == 403
    page = html.unescape(answer.content.decode())
    assert "iam:CreateUser" in page
    assert "exists already" not in page


def test_groups_and_policies_that_are_copied_count_in_the_review(administrator, system, make_user):
    model = make_user("model", None)
    for n in range(11):
        create_group(system, group_name=f"g{n}")
        if n < 3:
            add_user_to_group(system, group_name=f"g{n}", user_name=model.name)
    table = "user_name,groups\nann.lee," + ";".join(f"g{n}" for n in range(3, 11))
    assert "Line 2: ann.lee would be in more than 10 groups." in said(
        administrator, table, review="1", copy_from=model.name
    )
    chosen = [f"g{n}" for n in range(3, 11)]
    answer = said(administrator, "ann.lee", review="1", copy_from=model.name, groups=chosen)
    assert "With what is copied it would be more than 10." in answer


def test_the_review_tells_what_the_users_will_be_able_to_do(administrator, system, groups):
    """What all get is told whole, what the groups of a line give at that line; administrator access is a warning."""
    put_group_policy(system, group_name="Auditors", policy_name="p", policy_document=LOOKING)
    put_group_policy(system, group_name="On-call", policy_name="p", policy_document=ADMINISTRATOR)
    one = said(administrator, "ann.lee", review="1", groups="Auditors")
    assert "What the user will be able to do" in one
    assert "GetObject" in one
    assert "administrator access" not in one
    assert "This user gets administrator access" in said(administrator, "ann.lee", review="1", groups="On-call")
    arn = create_policy(system, policy_name="limit", policy_document=LOOKING)["Policy"]["Arn"]
    within = said(administrator, "ann.lee", review="1", groups="On-call", permissions_boundary=arn)
    assert "administrator access" not in within
    attach_group_policy(system, group_name="Auditors", policy_arn=arn)
    said(
        administrator, "ann.lee", review="1", groups="Auditors"
    )  # the administrator's own policies are kept after this
    with CaptureQueriesContext(connection) as asked:
        assert "What the user will be able to do" in said(administrator, "ann.lee", review="1", groups="Auditors")
    assert len(asked) <= 14
    table = "user_name,groups\nann.lee,Auditors\nbob,auditors;On-call\ncyd,"
    lines = said(administrator, table, review="1")
    assert "Some of these users get administrator access" in lines
    assert lines.count("with administrator access") == 1
    assert lines.count('<span class="sub">1 more action') == 1


def test_the_review_names_who_gets_everything_and_by_which_policies(administrator, system, groups):
    arn = create_policy(system, policy_name="all", policy_document=ADMINISTRATOR)["Policy"]["Arn"]
    put_group_policy(system, group_name="On-call", policy_name="p", policy_document=ADMINISTRATOR)
    table = "user_name,groups\nann.lee,\nbob,On-call\ncyd,On-call\ndan,On-call\neve,On-call\nfay,"
    lines = said(administrator, table, review="1")
    assert "bob, cyd, dan and 1 more: the policy p allows every action on all resources" in lines
    both = said(administrator, table, review="1", policies=arn)
    assert "All of these users get administrator access" in both
    assert "ann.lee, bob, cyd and 3 more: the policies all, p allow every action on all resources" in both


def granting(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions, resource="*", **more):
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (granting(allow("iam:AttachUserPolicy")), "ann.lee: with iam:AttachUserPolicy on all resources this user can"),
        (granting(allow("iam:Put*")), "ann.lee: with iam:PutUserPolicy and 2 more on all resources this user can"),
        (granting(allow("iam:*")), "ann.lee: with iam:CreatePolicyVersion and 12 more on all resources this user can"),
        (granting(allow("iam:AddUserToGroup", resource="arn:aws:iam::*:group/dev")), ""),
        (granting(allow("iam:Attach*", Condition={"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/x"}})), ""),
        (granting(allow("iam:CreateAccessKey"), allow("iam:Create*") | {"Effect": "Deny"}), ""),
        (granting(allow("iam:Get*", "iam:List*", "iam:PassRole")), ""),
    ],
)
def test_who_can_give_itself_any_access_is_warned_of(administrator, system, document, sentence):
    arn = create_policy(system, policy_name="power", policy_document=document)["Policy"]["Arn"]
    page = said(administrator, "ann.lee", review="1", policies=arn)
    assert ("give itself any access" in page) is bool(sentence)
    assert sentence in page
    within = create_policy(system, policy_name="limit", policy_document=ADMINISTRATOR)["Policy"]["Arn"]
    bounded = said(administrator, "ann.lee", review="1", policies=arn, permissions_boundary=within)
    assert "any access" not in bounded


def test_several_who_can_are_named_and_who_has_everything_is_not_among_them(administrator, system, groups):
    put_group_policy(system, group_name="Auditors", policy_name="p", policy_document=granting(allow("iam:Update*")))
    put_group_policy(system, group_name="On-call", policy_name="all", policy_document=ADMINISTRATOR)
    page = said(administrator, "user_name,groups\nann.lee,Auditors\nbob,Auditors\ncyd,On-call\ndan,", review="1")
    assert "ann.lee, bob: with iam:UpdateAssumeRolePolicy and 1 more on all resources they can give themselves" in page
    assert "cyd: the policy all allows every action" in page


def test_the_review_shows_all_groups_of_a_line_and_policies_as_lists_do(administrator, system, groups):
    arn = create_policy(system, policy_name="look", path="/team/", policy_document=LOOKING)["Policy"]["Arn"]
    table = "user_name,groups\nann.lee,Auditors\nbob,"
    page = said(administrator, table, review="1", groups="On-call", policies=arn, permissions_boundary=arn)
    cells = re.findall(r'data-label="Groups" class="breaking">([^<]*)<', page)
    assert cells == ["Auditors, On-call", "On-call"]
    assert f"<code>{arn}</code>" not in page
    assert page.count(f'href="{reverse("policies:policy", args=[arn])}">look</a>') >= 2
    assert page.count("Customer managed") >= 2


def test_the_policies_of_groups_are_told_to_nobody_who_may_not_read_them(client, make_user, system, groups):
    put_group_policy(system, group_name="On-call", policy_name="p", policy_document=ADMINISTRATOR)
    sign_in(client, make_user("clerk", CREATOR))
    page = said(client, "user_name,groups\nann.lee,On-call", review="1")
    assert "will be created" in page
    assert "administrator access" not in page


def test_a_heading_over_names_alone_is_passed_over(administrator):
    assert sent(administrator, 'User Name,groups\nann.lee,\n"bob"\n', create="1").status_code == 302
    assert User.objects.filter(name__in=("ann.lee", "bob", "User Name")).count() == 2
    assert sent(administrator, "username", create="1").status_code == 302
    assert User.objects.filter(name="username").exists()


def test_more_groups_than_a_user_may_be_in_are_refused_at_the_line(administrator, system):
    for n in range(11):
        create_group(system, group_name=f"g{n}")
    table = "user_name,groups\nbob,\nann.lee," + ";".join(f"g{n}" for n in range(9))
    answer = said(administrator, table, create="1", groups=["g9", "g10"])
    assert "Line 3: ann.lee would be in more than 10 groups." in answer
    assert not User.objects.filter(name="bob").exists()


def test_who_may_not_see_the_groups_is_not_told_which_there_are(client, make_user, groups):
    """The preview says the same of a group that is there and of one that is not; joining is refused."""
    sign_in(client, make_user("clerk", CREATOR))
    for group in ("Auditors", "Nobody"):
        table = f"user_name,groups\nann.lee,{group}"
        assert "will be created" in said(client, table, review="1")
        answer = sent(client, table, create="1")
        assert answer.status_code == 403
        assert "iam:AddUserToGroup" in html.unescape(answer.content.decode())
    assert not User.objects.filter(name="ann.lee").exists()


def test_a_file_is_read_into_the_field(administrator, groups):
    answer = administrator.post(
        reverse("accounts:user-create"),
        REST
        | {
            "user_names": "",
            "review": "1",
            "user_file": SimpleUploadedFile("staff.csv", b"\xef\xbb\xbf" + TABLE.encode()),
        },
    )
    shown = answer.context["form"]
    assert shown["user_names"].value() == TABLE
    assert [row.name for row in shown.rows] == ["ann.lee", "bob", "cyd"]


@pytest.mark.parametrize(
    ("typed", "content", "sentence"),
    [
        ("dora", b"user_name\nann.lee\n", "Type the names or choose a file. Nothing was taken from the file."),
        ("", "Jürgen".encode("latin-1"), "The file is no text in UTF-8."),
        ("", b"a" * (LONGEST_FILE + 1), "The file is too large: at most 200 kB are read."),
        ("", b"user_name\nann.lee\x00\n", "Null characters are not allowed."),
    ],
    ids=["both", "another encoding", "too large", "null"],
)
def test_a_file_that_cannot_be_read_says_why(administrator, typed, content, sentence):
    file = SimpleUploadedFile("staff.csv", content)
    answer = administrator.post(
        reverse("accounts:user-create"), REST | {"user_names": typed, "create": "1", "user_file": file}
    )
    assert sentence in html.unescape(answer.content.decode())
    assert answer.context["form"]["user_names"].value() in (typed, content.decode("latin-1"))
    assert not User.objects.filter(name__in=("ann.lee", "dora")).exists()


def test_who_will_be_able_to_do_nothing_is_told_in_the_line(administrator, groups):
    """A group without a policy gives nothing, and no group neither."""
    preview = said(administrator, "user_name,groups\nann.lee,Auditors\nbob,", review="1")
    assert preview.count("able to do nothing yet") == 2


def test_from_a_file_nobody_is_created_before_it_was_reviewed(administrator):
    file = SimpleUploadedFile("staff.csv", b"user_name,path\nada,/ops/\n")
    shown = administrator.post(
        reverse("accounts:user-create"), REST | {"user_names": "", "create": "1", "user_file": file}
    )
    assert shown.status_code == 200
    assert shown.context["wish"] is not None
    assert "user_name,path" in shown.content.decode()
    assert not User.objects.filter(name="ada").exists()
