"""The pages of users and groups: create, see, change, delete, and whoever may not."""

import html
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import AccessKey, Group, User, UserTag
from accounts.operations.access_keys import create_access_key
from accounts.operations.attachments import attach_user_policy
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_user_policy
from accounts.operations.memberships import add_user_to_group
from accounts.operations.tags import tag_user
from accounts.operations.users import create_user, update_user
from operations.clock import now
from operations.ids import unique_id
from operations.models import Event
from policies.operations.managed_policies import create_policy
from tests.conftest import ADMINISTRATOR
from tests.signing_in import sign_in

READ = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
LIST_ONLY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*"}]}'


@pytest.fixture
def administrator(client, make_user):
    sign_in(client, make_user("alice", ADMINISTRATOR), mfa=True)
    return client


@pytest.fixture
def dora(admin_rights):
    create_user(admin_rights, user_name="dora")
    return User.objects.get(name="dora")


@pytest.fixture
def admin_rights(system):
    return system


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_list_shows_users_and_who_has_no_second_factor(administrator, dora):
    User.objects.filter(pk=dora.pk).update(console_access=True)
    page = text(administrator.get(reverse("accounts:users")))
    assert "dora" in page
    assert "No device" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=dor", True),
        ("q=zz", False),
        ("f=mfa:eq:none", True),
        ("f=path:eq:/x/", False),
        ("f=tag:eq:team=ops", True),
        ("f=group:eq:ops", False),
    ],
)
def test_the_list_is_filtered_in_the_database(administrator, admin_rights, query, found):
    create_user(admin_rights, user_name="dora", tags=[{"Key": "team", "Value": "ops"}])
    page = text(administrator.get(reverse("accounts:users") + "?" + query))
    assert ("/users/dora/" in page) is found


@pytest.mark.parametrize("number", [10, 1000])
def test_the_list_costs_the_same_number_of_queries_at_any_size(
    administrator, account, number, django_assert_max_num_queries
):
    User.objects.bulk_create(
        User(account=account, name=f"u{n:04}", name_key=f"u{n:04}", unique_id=unique_id("AIDA")) for n in range(number)
    )
    administrator.get(reverse("accounts:users"))
    with django_assert_max_num_queries(15):
        administrator.get(reverse("accounts:users"))


def test_a_reader_of_the_list_sees_it_and_nothing_else(client, make_user, account):
    sign_in(client, make_user("vera", LIST_ONLY))
    page = text(client.get(reverse("accounts:users")))
    assert "vera" in page
    assert "Create user" not in page
    refused = client.get(reverse("accounts:user", args=["vera"]))
    assert refused.status_code == 403
    assert "iam:GetUser" in text(refused)


def test_several_users_are_created_after_a_review(administrator, admin_rights):
    create_group(admin_rights, group_name="ops")
    asked = {
        "user_names": "dora\nemil,\n",
        "access": "invite",
        "groups": ["ops"],
        "path": "/people/",
        "tags": "team = ops",
    }
    review = text(administrator.post(reverse("accounts:user-create"), asked | {"review": "1"}))
    assert [name in review for name in ("dora", "emil", "Create 2 users")] == [True] * 3
    assert review.count("will be created") == 2
    assert not User.objects.filter(name="dora").exists()
    shown = text(administrator.post(reverse("accounts:user-create"), asked | {"create": "1"}, follow=True))
    assert shown.count("/set-password/") >= 2
    dora = User.objects.get(name="dora")
    assert (dora.path, dora.group_count, dora.console_access) == ("/people/", 1, True)
    assert [tag.value for tag in dora.tags.all()] == ["ops"]
    again = text(administrator.get(reverse("accounts:user-create")))
    assert "/set-password/" in again, "a refresh must not lose the links"
    administrator.post(reverse("accounts:user-create"), {"done": "1"})
    assert "/set-password/" not in text(administrator.get(reverse("accounts:user-create")))


def test_every_wrong_line_is_named_and_nothing_typed_is_lost(administrator, dora):
    asked = {"user_names": "DORA\nno spaces\nemil\nEmil", "access": "none", "path": "/", "create": "1"}
    page = text(administrator.post(reverse("accounts:user-create"), asked))
    for sentence in (
        "Line 1: DORA exists already.",
        "Line 2: no spaces is no user name.",
        "Line 4: Emil is typed twice.",
    ):
        assert sentence in page
    assert "no spaces emil Emil</textarea>" in page
    assert User.objects.filter(name="emil").count() == 0


def test_a_refused_creation_creates_none_of_them(administrator, admin_rights):
    asked = {
        "user_names": "dora\nemil",
        "access": "none",
        "path": "/",
        "policies": "arn:aws:iam::123456789012:policy/gone",
        "create": "1",
    }
    page = text(administrator.post(reverse("accounts:user-create"), asked))
    assert "Policy arn:aws:iam::123456789012:policy/gone does not exist or is not attachable." in page
    assert not User.objects.filter(name__in=["dora", "emil"]).exists()


def test_more_groups_than_a_user_may_be_in_are_refused_at_the_field(administrator, admin_rights):
    for number in range(11):
        create_group(admin_rights, group_name=f"g{number}")
    asked = {"user_names": "dora", "access": "none", "path": "/", "groups": [f"g{n}" for n in range(11)], "create": "1"}
    answer = administrator.post(reverse("accounts:user-create"), asked)
    assert answer.context["form"]["groups"].errors == ["Choose at most 10."]
    assert not User.objects.filter(name="dora").exists()


def test_permissions_are_copied_from_a_user(administrator, admin_rights, dora):
    create_group(admin_rights, group_name="ops")
    add_user_to_group(admin_rights, group_name="ops", user_name="dora")
    put_user_policy(admin_rights, user_name="dora", policy_name="reading", policy_document=READ)
    asked = {"user_names": "emil", "access": "none", "path": "/", "copy_from": "dora", "create": "1"}
    administrator.post(reverse("accounts:user-create"), asked)
    emil = User.objects.get(name="emil")
    assert emil.groups.get().name == "ops"
    assert emil.inline_policies.get().document == READ


def test_the_page_of_a_user_shows_where_each_policy_comes_from(administrator, admin_rights, dora):
    create_group(admin_rights, group_name="ops")
    add_user_to_group(admin_rights, group_name="ops", user_name="dora")
    arn = create_policy(admin_rights, policy_name="reading", policy_document=READ)["Policy"]["Arn"]
    attach_user_policy(admin_rights, user_name="dora", policy_arn=arn)
    put_user_policy(admin_rights, user_name="dora", policy_name="own", policy_document=READ)
    page = text(administrator.get(reverse("accounts:user", args=["dora"])))
    assert "reading" in page
    assert "Directly" in page
    assert "Inline" in page


def test_policies_are_attached_and_detached(administrator, admin_rights, dora):
    arn = create_policy(admin_rights, policy_name="reading", policy_document=READ)["Policy"]["Arn"]
    assert "reading" in text(administrator.get(reverse("accounts:user-attach", args=["dora"])))
    administrator.post(reverse("accounts:user-attach", args=["dora"]), {"policy_arn": [arn]})
    assert dora.attachments.count() == 1
    detach = reverse("accounts:user-detach", args=["dora"])
    asked = text(administrator.get(detach, {"policy_arn": arn}))
    assert "Detach reading from dora?" in asked
    assert "dora loses what it allows" in asked
    assert dora.attachments.count() == 1
    administrator.post(detach, {"policy_arn": arn})
    assert dora.attachments.count() == 0
    assert administrator.get(detach, {"policy_arn": "no arn"}).status_code == 404


def test_an_inline_policy_is_shown_once_more_before_it_is_deleted(administrator, admin_rights, dora):
    put_user_policy(admin_rights, user_name="dora", policy_name="own", policy_document=READ)
    delete = reverse("accounts:user-inline-delete", args=["dora"])
    page = text(administrator.get(reverse("accounts:user", args=["dora"])))
    assert f'href="{delete}?policy_name=own" aria-label="Delete own"' in page
    asked = text(administrator.get(delete, {"policy_name": "own"}))
    assert "Delete the inline policy own of dora?" in asked
    assert "s3:GetObject" in asked
    assert dora.inline_policies.exists()
    assert administrator.get(delete, {"policy_name": "another"}).status_code == 404
    administrator.post(delete, {"policy_name": "own"})
    assert not dora.inline_policies.exists()


def test_whoever_may_not_take_policies_away_sees_no_button_for_it(client, make_user, admin_rights, dora):
    put_user_policy(admin_rights, user_name="dora", policy_name="own", policy_document=READ)
    arn = create_policy(admin_rights, policy_name="reading", policy_document=READ)["Policy"]["Arn"]
    attach_user_policy(admin_rights, user_name="dora", policy_arn=arn)
    reader = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:Get*","iam:List*"],"Resource":"*"}]}'
    )
    sign_in(client, make_user("reader", reader))
    page = text(client.get(reverse("accounts:user", args=["dora"])))
    assert "reading" in page
    assert "Detach" not in page
    assert "policy_name=own" not in page


def test_what_a_member_loses_with_a_groups_policy_is_said_by_number(administrator, admin_rights, dora):
    create_group(admin_rights, group_name="ops")
    add_user_to_group(admin_rights, group_name="ops", user_name="dora")
    arn = create_policy(admin_rights, policy_name="reading", policy_document=READ)["Policy"]["Arn"]
    administrator.post(reverse("accounts:group-attach", args=["ops"]), {"policy_arn": [arn]})
    asked = text(administrator.get(reverse("accounts:group-detach", args=["ops"]), {"policy_arn": arn}))
    assert "1 member loses what it allows" in asked
    done = administrator.post(reverse("accounts:group-detach", args=["ops"]), {"policy_arn": arn})
    assert done.url == reverse("accounts:group-permissions", args=["ops"])


def test_a_malformed_inline_policy_is_refused_at_its_field_and_kept(administrator, dora):
    typed = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject"}]}'
    page = text(
        administrator.post(
            reverse("accounts:user-inline-create", args=["dora"]), {"policy_name": "p", "policy_document": typed}
        )
    )
    assert "Policy statement must contain resources." in page
    assert "s3:GetObject" in page
    assert dora.inline_policies.count() == 0


def test_the_later_of_two_editors_sees_what_was_saved_meanwhile(administrator, admin_rights, dora):
    put_user_policy(admin_rights, user_name="dora", policy_name="p", policy_document=READ)
    address = reverse("accounts:user-inline", args=["dora", "p"])
    seen = re.search(r'name="seen" value="(\w+)"', administrator.get(address).content.decode())[1]
    theirs = READ.replace("GetObject", "ListBucket")
    put_user_policy(admin_rights, user_name="dora", policy_name="p", policy_document=theirs)
    mine = READ.replace("GetObject", "PutObject")
    first = administrator.post(address, {"policy_document": mine, "seen": seen})
    assert first.status_code == 409
    assert "Somebody changed this while you were editing" in text(first)
    assert dora.inline_policies.get().document == theirs
    now_seen = re.search(r'name="seen" value="(\w+)"', first.content.decode())[1]
    administrator.post(address, {"policy_document": mine, "seen": now_seen})
    assert dora.inline_policies.get().document == mine


def test_the_groups_of_a_user_are_listed_with_the_way_out(administrator, admin_rights, dora):
    create_group(admin_rights, group_name="builders")
    create_group(admin_rights, group_name="finance")
    add_user_to_group(admin_rights, group_name="builders", user_name="dora")
    page = text(administrator.get(reverse("accounts:user-groups", args=["dora"])))
    assert "Remove builders" in page
    assert "In no group" not in page
    assert 'value="finance"' in page
    assert 'type="checkbox" name="group_name" value="builders"' not in page


def test_the_tags_tab_counts_the_tags(administrator, admin_rights):
    create_user(admin_rights, user_name="fred", tags=[{"Key": "team", "Value": "ops"}])
    assert 'Tags <span class="count">1</span>' in text(administrator.get(reverse("accounts:user-tags", args=["fred"])))


def test_a_key_with_an_equals_sign_stays_whole(administrator, admin_rights, dora):
    tag_user(admin_rights, user_name="dora", tags=[{"Key": "cost=centre", "Value": "42"}])
    page = administrator.get("/users/dora/tags/")
    form = page.context["form"]
    assert form["tags"].value() == "cost\\=centre = 42"
    administrator.post("/users/dora/tags/", {"tags": form["tags"].value(), "seen": form["seen"].value()})
    assert [(tag.key, tag.value) for tag in dora.tags.all()] == [("cost=centre", "42")]


def test_the_tags_tab_shows_the_users_own(administrator, admin_rights, dora):
    create_user(admin_rights, user_name="fred", tags=[{"Key": "team", "Value": "ops"}])
    create_user(admin_rights, user_name="gina", tags=[{"Key": "team", "Value": "dev"}, {"Key": "lead", "Value": "x"}])
    form = administrator.get("/users/fred/tags/").context["form"]
    assert form["tags"].value() == "team = ops"
    administrator.post("/users/fred/tags/", {"tags": "", "seen": form["seen"].value()})
    assert sorted(UserTag.objects.values_list("user__name", "key")) == [("gina", "lead"), ("gina", "team")]


def test_a_pasted_table_drops_nothing_silently(administrator, admin_rights):
    """A heading is passed over, empty columns too; what a column says beside the name is not taken over, so it is refused at its line."""
    page, rest = reverse("accounts:user-create"), {"access": "none", "path": "/"}
    table = 'user_name,groups,path\nann.lee,auditors,/people/\n"bob",,\ncyd;;builders\n'
    answer = administrator.post(page, rest | {"user_names": table, "create": "1"})
    said = html.unescape(answer.content.decode())
    assert "Line 2: ann.lee has more beside it" in said
    assert "Line 4: cyd has more beside it" in said
    assert "Line 1" not in said
    assert "Line 3" not in said
    assert not User.objects.filter(name__in=("ann.lee", "bob", "cyd", "user_name")).exists()
    table = 'User Name,groups\nann.lee,\n"bob"\n'
    assert administrator.post(page, rest | {"user_names": table, "create": "1"}).status_code == 302
    assert set(User.objects.filter(name__in=("ann.lee", "bob", "User Name"))) == set(
        User.objects.filter(name__in=("ann.lee", "bob"))
    )
    assert administrator.post(page, rest | {"user_names": "username", "create": "1"}).status_code == 302
    assert User.objects.filter(name="username").exists()


def test_tags_are_edited_as_lines(administrator, admin_rights, dora):
    address = reverse("accounts:user-tags", args=["dora"])
    seen = re.search(r'name="seen" value="(\w+)"', administrator.get(address).content.decode())[1]
    administrator.post(address, {"tags": "team = ops\nlead = alice", "seen": seen})
    assert {tag.key: tag.value for tag in dora.tags.all()} == {"team": "ops", "lead": "alice"}
    seen = re.search(r'name="seen" value="(\w+)"', administrator.get(address).content.decode())[1]
    administrator.post(address, {"tags": "team = dev", "seen": seen})
    assert {tag.key: tag.value for tag in dora.tags.all()} == {"team": "dev"}
    wrong = text(administrator.post(address, {"tags": "= nothing", "seen": seen}))
    assert "Line 1 has no key." in wrong


@pytest.mark.parametrize("name_taken", [False, True])
def test_what_was_renamed_meanwhile_is_said_to_be_called_otherwise_now(administrator, admin_rights, dora, name_taken):
    address = reverse("accounts:user-rename", args=["dora"])
    seen = seen_at(administrator, address)
    update_user(admin_rights, user_name="dora", new_user_name="dorothea")
    if name_taken:
        create_user(admin_rights, user_name="dora")
    answer = administrator.post(address, {"new_user_name": "doris", "new_path": "/", "seen": seen})
    assert answer.status_code == 404
    assert "dora was renamed meanwhile: it is called dorothea now." in text(answer)
    assert "doris" in text(answer)
    assert not User.objects.filter(name="doris").exists()


def seen_at(client, address):
    return re.search(r'name="seen" value="(\w+)"', client.get(address).content.decode())[1]


def test_a_boundary_is_set_and_removed(administrator, admin_rights, dora):
    arn = create_policy(admin_rights, policy_name="most", policy_document=READ)["Policy"]["Arn"]
    address = reverse("accounts:user-boundary", args=["dora"])
    administrator.post(address, {"permissions_boundary": arn, "seen": seen_at(administrator, address), "changed": "1"})
    dora.refresh_from_db()
    assert dora.boundary.arn == arn
    administrator.post(address, {"removed": "1", "seen": seen_at(administrator, address)})
    dora.refresh_from_db()
    assert dora.boundary is None


def test_a_boundary_that_was_set_meanwhile_is_not_overwritten_without_a_word(administrator, admin_rights, dora):
    mine, theirs = (
        create_policy(admin_rights, policy_name=name, policy_document=READ)["Policy"]["Arn"]
        for name in ("mine", "theirs")
    )
    address = reverse("accounts:user-boundary", args=["dora"])
    seen = seen_at(administrator, address)
    put_user_permissions_boundary(admin_rights, user_name="dora", permissions_boundary=theirs)
    answer = administrator.post(address, {"permissions_boundary": mine, "seen": seen, "changed": "1"})
    assert answer.status_code == 409
    assert "Somebody changed this while you were editing" in text(answer)
    dora.refresh_from_db()
    assert dora.boundary.arn == theirs
    assert administrator.post(address, {"remove": "1", "seen": seen}).status_code == 409
    assert administrator.post(address, {"removed": "1", "seen": seen}).status_code == 409
    dora.refresh_from_db()
    assert dora.boundary.arn == theirs
    renewed = re.search(r'name="seen" value="(\w+)"', text(answer))[1]
    assert (
        administrator.post(address, {"permissions_boundary": mine, "seen": renewed, "changed": "1"}).status_code == 302
    )
    dora.refresh_from_db()
    assert dora.boundary.arn == mine


def test_groups_are_joined_and_left(administrator, admin_rights, dora):
    create_group(admin_rights, group_name="ops")
    address = reverse("accounts:user-groups", args=["dora"])
    assert "In no group" in text(administrator.get(address))
    administrator.post(address, {"groups": ["ops"], "join": "1"})
    assert dora.groups.count() == 1
    leave = reverse("accounts:user-leave-group", args=["dora"])
    assert "Take dora out of ops?" in text(administrator.get(leave, {"group_name": "ops"}))
    assert dora.groups.count() == 1
    for other in ("", "another"):
        assert administrator.get(leave, {"group_name": other}).status_code == 404
    administrator.post(leave, {"group_name": "ops"})
    assert dora.groups.count() == 0


def test_a_rename_names_the_policies_that_will_stop_matching(administrator, admin_rights, dora):
    document = READ.replace('"*"', f'"{dora.arn}"').replace("s3:GetObject", "iam:GetUser")
    create_policy(admin_rights, policy_name="about-dora", policy_document=document)
    address = reverse("accounts:user-rename", args=["dora"])
    assert "about-dora" in text(administrator.get(address))
    administrator.post(address, {"new_user_name": "dorothea", "new_path": "/"})
    assert User.objects.filter(name="dorothea", unique_id=dora.unique_id).exists()


def test_deletion_shows_the_impact_asks_for_the_name_and_takes_everything(administrator, admin_rights, dora):
    create_group(admin_rights, group_name="ops")
    add_user_to_group(admin_rights, group_name="ops", user_name="dora")
    put_user_policy(admin_rights, user_name="dora", policy_name="p", policy_document=READ)
    address = reverse("accounts:user-delete", args=["dora"])
    page = text(administrator.get(address))
    assert "<b>1</b> group is left: ops" in page
    assert "<b>1</b> inline policy is deleted: p" in page
    assert administrator.post(address, {"confirmation": "dara"}).status_code == 400
    assert User.objects.filter(name="dora").exists()
    administrator.post(address, {"confirmation": "dora"})
    assert not User.objects.filter(name="dora").exists()
    assert Group.objects.get(name="ops").member_count == 0


def test_a_deletion_that_is_refused_half_way_deletes_nothing(client, make_user, admin_rights, dora):
    put_user_policy(admin_rights, user_name="dora", policy_name="p", policy_document=READ)
    half = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:GetUser","iam:DeleteUserPolicy"],"Resource":"*"}]}'
    sign_in(client, make_user("vera", half), mfa=True)
    response = client.post(reverse("accounts:user-delete", args=["dora"]), {"confirmation": "dora"})
    assert response.status_code == 403
    assert dora.inline_policies.count() == 1
    assert Event.objects.filter(name="DeleteUser", error_code="AccessDenied").exists()


def test_bulk_deletion_reviews_first_and_spares_yourself(administrator, admin_rights, dora):
    chosen = {"row": [str(pk) for pk in User.objects.values_list("pk", flat=True)]}
    review = administrator.post(reverse("accounts:users-delete"), chosen)
    assert review.status_code == 200
    assert User.objects.count() == 2


@pytest.fixture
def doomed(administrator, admin_rights, dora):
    """A user with keys, and one whom nothing would miss."""
    create_access_key(admin_rights, user_name="dora")
    put_user_policy(admin_rights, user_name="dora", policy_name="p", policy_document=READ)
    create_user(admin_rights, user_name="unused")
    User.objects.filter(name__in=["dora", "unused"]).update(last_activity_at=None)
    return {name: User.objects.get(name=name).pk for name in ("alice", "dora", "unused")}


def test_a_bulk_deletion_says_what_goes_and_has_the_number_typed(administrator, doomed):
    address, chosen = reverse("accounts:users-delete"), {"select": list(doomed.values())}
    review = text(administrator.post(address, chosen))
    for said in (
        "1 of 3 users will not be deleted.", "Not deleted: this is you", "<b>1</b> access key", "<b>1</b> inline policy",
        "Nothing else depends on it.", "Type <code>2</code>", "Delete 2 users</button>", 'href="/users/dora/"',
    ):  # fmt: skip
        assert said in review, said
    for typed in ({}, {"confirmation": "3"}):
        refused = administrator.post(address, chosen | {"go": "1"} | typed)
        assert refused.status_code == 400
        assert "The number does not match" in text(refused)
    assert User.objects.count() == 3
    done = text(administrator.post(address, chosen | {"go": "1", "confirmation": "2"}))
    assert "<h1>2 users deleted" in done
    assert 'href="/users/dora/"' not in done
    assert list(User.objects.values_list("name", flat=True)) == ["alice"]


def test_users_whom_nothing_would_miss_are_deleted_without_typing(administrator, doomed):
    chosen = {"select": [doomed["unused"], doomed["alice"]], "go": "1"}
    administrator.post(reverse("accounts:users-delete"), chosen)
    assert not User.objects.filter(name="unused").exists()


@pytest.mark.parametrize("column", ["console_access", "active_key_count", "last_activity_at"])
def test_console_access_keys_and_recent_activity_each_ask_for_the_number(administrator, doomed, column):
    value = now() - timedelta(days=89) if column == "last_activity_at" else 1
    User.objects.filter(name="unused").update(**{column: value})
    address, chosen = reverse("accounts:users-delete"), {"select": [doomed["unused"]]}
    assert "Type <code>1</code>" in text(administrator.post(address, chosen))
    User.objects.filter(name="unused").update(last_activity_at=now() - timedelta(days=91))
    if column == "last_activity_at":
        assert "to confirm" not in text(administrator.post(address, chosen))


def test_the_review_of_a_deletion_costs_the_same_number_of_queries_at_any_size(
    administrator, account, doomed, django_assert_max_num_queries
):
    many = User.objects.bulk_create(
        User(account=account, name=f"u{n}", name_key=f"u{n}", unique_id=unique_id("AIDA")) for n in range(90)
    )
    AccessKey.objects.bulk_create(AccessKey(user=user, key_id=unique_id("AKIA"), secret="s") for user in many)
    chosen = {"select": [user.pk for user in many]}
    administrator.post(reverse("accounts:users-delete"), chosen)
    with django_assert_max_num_queries(16):
        assert text(administrator.post(reverse("accounts:users-delete"), chosen)).count("<b>1</b> access key") == 90


def test_many_are_tagged_and_the_outcome_says_with_what(administrator, doomed):
    chosen = {"select": [doomed["dora"], doomed["unused"]]}
    address = reverse("accounts:users-tag")
    assert "Tag 2 users</button>" in text(administrator.post(address, chosen))
    done = text(administrator.post(address, chosen | {"go": "1", "key": "team", "value": "blue"}))
    assert "<h1>2 users tagged" in done
    assert "Tag: team = blue" in done
    assert '<a class="name" href="/users/dora/">dora</a>' in done


def test_a_missing_user_is_not_found_for_who_may_ask(administrator, account):
    assert administrator.get(reverse("accounts:user", args=["nobody"])).status_code == 404


def test_a_stranger_does_not_see_the_user(client, other_account, make_user, dora):
    sign_in(client, make_user("charlie", ADMINISTRATOR, "210987654321"))
    assert client.get(reverse("accounts:user", args=["dora"])).status_code == 404
    assert "dora" not in text(client.get(reverse("accounts:users")))


def test_nobody_is_sent_to_sign_in_and_back(client, account):
    response = client.get(reverse("accounts:users"))
    assert response.status_code == 302
    assert "/sign-in/" in response["Location"]


def test_a_group_is_created_filled_renamed_and_deleted(administrator, admin_rights, dora):
    administrator.post(reverse("accounts:group-create"), {"group_name": "ops", "path": "/"})
    group = Group.objects.get(name="ops")
    add = reverse("accounts:group-add-users", args=["ops"])
    page = text(administrator.get(add))
    assert re.search(rf'<input type="checkbox" name="select" value="{dora.pk}" aria-label="[^"]*dora[^"]*">', page)
    assert re.search(r'<th scope="row"> ?<a class="name"[^>]*>dora</a>', page)
    review = text(administrator.post(add, {"select": [dora.pk]}))
    assert "Add users to ops" in review
    assert not group.memberships.exists()
    administrator.post(add, {"select": [dora.pk], "go": "1"})
    group.refresh_from_db()
    assert group.member_count == 1
    assert "dora" in text(administrator.get(reverse("accounts:group", args=["ops"])))
    administrator.post(
        reverse("accounts:group-inline-create", args=["ops"]), {"policy_name": "p", "policy_document": READ}
    )
    assert "p" in text(administrator.get(reverse("accounts:group-permissions", args=["ops"])))
    administrator.post(reverse("accounts:group-rename", args=["ops"]), {"new_group_name": "platform", "new_path": "/"})
    take_out = reverse("accounts:group-remove-users", args=["platform"])
    assert "They lose what the group" in text(administrator.post(take_out, {"select": [dora.pk]}))
    assert group.memberships.exists()
    administrator.post(take_out, {"select": [dora.pk], "go": "1"})
    group.refresh_from_db()
    assert (group.name, group.member_count) == ("platform", 0)
    administrator.post(reverse("accounts:group-delete", args=["platform"]), {"confirmation": "platform"})
    assert not Group.objects.exists()


def test_a_taken_group_name_is_refused_at_its_field(administrator, admin_rights):
    create_group(admin_rights, group_name="ops")
    page = text(administrator.post(reverse("accounts:group-create"), {"group_name": "OPS", "path": "/"}))
    assert "Group with name OPS already exists." in page
    assert 'value="OPS"' in page
