"""Filters: what each operator finds, what is typed, what is suggested, what is refused."""

from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from accounts.models import Group, Membership, User, UserTag
from pages.listing import FilterError, State
from pages.listing.suggest import offers
from pages.listing.typed import Typed, read
from pages.views.design import example_listing


def state(query: str) -> State:
    return State(example_listing(), QueryDict(query))


def found(query: str, *, often: bool = False) -> list[int]:
    """The numbers of the users that match."""
    rows = User.objects.filter(state(query).condition(often=often))
    return sorted(int(name[4:]) for name in rows.values_list("name", flat=True))


@pytest.fixture
def tagged(people: list[User]) -> list[User]:
    ops = Group.objects.create(
        account_id=people[0].account_id, name="Ops", name_key="ops", unique_id="AGPAAAAAAAAAAAAAAAAAA"
    )
    for user in people[:3]:
        Membership.objects.create(user=user, group=ops)
        UserTag.objects.create(user=user, key="Team", key_folded="team", value="ops")
    UserTag.objects.create(user=people[3], key="team", key_folded="team", value="dev")
    return people


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("f=name:has:R0", list(range(10))),
        ("f=name:eq:USER03", [3]),
        ("f=name:not:0", [11]),
        ("f=name:starts:user1", [10, 11]),
        ("f=path:eq:/machines/", [1, 3, 5, 7, 9, 11]),
        ("f=path:eq:/MACHINES/", []),
        ("f=path:starts:/MACH", [1, 3, 5, 7, 9, 11]),
        ("f=mfa:eq:none", [0, 3, 6, 9]),
        ("f=mfa:ne:none", [1, 2, 4, 5, 7, 8, 10, 11]),
        ("f=groups:ge:3", [3, 7, 11]),
        ("f=groups:lt:1", [0, 4, 8]),
        ("f=groups:ne:0", [1, 2, 3, 5, 6, 7, 9, 10, 11]),
        ("f=activity:gt:60", [7, 8, 10, 11]),
        ("f=activity:lt:25 days", [1, 2]),
        ("f=activity:eq:never", [0, 3, 6, 9]),
        ("f=activity:ne:never", [1, 2, 4, 5, 7, 8, 10, 11]),
        ("f=group:eq:OPS", [0, 1, 2]),
        ("f=group:ne:ops", list(range(3, 12))),
        ("f=tag:eq:TEAM=ops", [0, 1, 2]),
        ("f=tag:eq:team", [0, 1, 2, 3]),
        ("f=tag:ne:team", list(range(4, 12))),
        ("f=mfa:eq:none&f=tag:eq:team", [0, 3]),
        ("f=mfa:eq:none&f=tag:eq:team&join=or", [0, 1, 2, 3, 6, 9]),
        ("q=user0 people", [0, 2, 4, 6, 8]),
        ("q=machines&f=mfa:eq:none", [3, 9]),
    ],
)
def test_what_a_filter_finds(tagged: list[User], query: str, numbers: list[int]) -> None:
    assert found(query) == numbers
    assert found(query, often=True) == numbers


@pytest.mark.parametrize(
    "raw",
    [
        "mfa:eq:perhaps",
        "mfa:gt:1",
        "groups:eq:many",
        "activity:gt:soon",
        "activity:eq:90",
        "tag:eq:=x",
        "nothing:eq:1",
        "mfa",
        "",
        ":::",
    ],
)
def test_what_is_no_filter_is_said_and_finds_nothing(raw: str) -> None:
    made = state(QueryDict(mutable=True).urlencode() + f"f={raw}")
    assert not made.valid
    assert made.tokens[0].error
    with pytest.raises(FilterError):
        bool(made.tokens[0].condition)


@pytest.mark.parametrize(
    ("typed", "token"),
    [
        ("mfa = none", "mfa:eq:none"),
        ("MFA != Any", "mfa:ne:any"),
        ("last activity > 90", "activity:gt:90"),
        ("name : bot", "name:has:bot"),
        ("name ^ build", "name:starts:build"),
        ("tag:team = ops", "tag:eq:team = ops"),
        ("groups >= 2", "groups:ge:2"),
        ("group = ops", "group:eq:ops"),
    ],
)
def test_a_filter_can_be_typed(typed: str, token: str) -> None:
    assert [part.raw for part in read(example_listing().filters, typed).parts] == [token]


@pytest.mark.parametrize(
    ("before", "typed", "after"),
    [
        (
            "",
            "mfa = none and last_activity > 90d and tag:team = ops",
            "f=mfa:eq:none&f=activity:gt:90d&f=tag:eq:team = ops",
        ),
        ("", "MFA = none OR groups>2", "f=mfa:eq:none&f=groups:gt:2&join=or"),
        ("", "name : this and that", "f=name:has:this and that"),
        ("", "bot and mfa = none", "q=bot&f=mfa:eq:none"),
        ("f=mfa:eq:any", "or groups > 2", "f=mfa:eq:any&f=groups:gt:2&join=or"),
        ("f=mfa:eq:any", "groups > 2", "f=mfa:eq:any&f=groups:gt:2"),
        ("f=mfa:eq:any&f=groups:gt:2&join=or", "or path = /", "f=mfa:eq:any&f=groups:gt:2&f=path:eq:/&join=or"),
    ],
)
def test_several_filters_can_be_typed_at_once(before: str, typed: str, after: str) -> None:
    taken = QueryDict(state(f"{before}&{urlencode({'q': typed})}").taking_typed[1:])
    assert {name: taken.getlist(name) for name in taken} == {
        name: QueryDict(after).getlist(name) for name in QueryDict(after)
    }


@pytest.mark.parametrize(
    ("before", "typed"),
    [("", "mfa = none and groups > 2 or path = /"), ("f=mfa:eq:any&f=groups:gt:2", "or path = /")],
)
def test_filters_joined_by_both_words_are_refused_with_a_reason(before: str, typed: str) -> None:
    made = state(f"{before}&{urlencode({'q': typed})}")
    assert made.taking_typed == ""
    assert not made.valid
    assert "all joined by" in made.tokens[-1].error


def test_suggestions_follow_a_joining_word(tagged: list[User]) -> None:
    assert labels("", "mfa = none and gr") == ["Groups", "Group"]
    assert labels("", "mfa = none and group = o") == ["Group = Ops"]
    groups = offers(state(""), User.objects.all(), "mfa = none or group = o")
    assert groups[0].offers[0].href == "?f=mfa:eq:none&f=group:eq:Ops&join=or"
    assert offers(state(""), User.objects.all(), "mfa = none and gr")[0].offers[1].fill == "mfa = none and Group = "


@pytest.mark.parametrize("typed", ["build-bot", "mfa", "mfa =", "unknown = 1", "= 3"])
def test_other_text_is_searched_for(typed: str) -> None:
    assert read(example_listing().filters, typed) == Typed(typed, ())


def labels(query: str, typed: str) -> list[str]:
    return [offer.label for group in offers(state(query), User.objects.all(), typed) for offer in group.offers]


def test_suggestions_go_from_property_to_value(tagged: list[User]) -> None:
    assert labels("", "")[:2] == ["Name", "Path"]
    assert labels("", "mf") == ["Text contains “mf”", "MFA"]
    assert labels("", "mfa = ")[:2] == ["MFA = none", "MFA = any"]
    assert labels("", "MFA ≠ a") == ["MFA ≠ any"]
    assert labels("", "group = o") == ["Group = Ops"]
    assert labels("", "tag = te") == ["Tag = Team", "Tag = team"]
    assert labels("", "tag = team=d") == ["Tag = team = dev"]
    assert labels("", "name : r1") == ["Name : User10", "Name : User11"]


def test_a_suggested_value_is_a_link_to_the_whole_list(tagged: list[User]) -> None:
    groups = offers(state("f=groups:ge:1&sort=-created&after=x&q=bo"), User.objects.all(), "mfa = none")
    assert groups[0].offers[0].href == "?f=groups:ge:1&f=mfa:eq:none&sort=-created"
