"""The list pages at 100,000 users and a million Events' worth of paging: first page, filters, deep pages, each sort."""

from collections.abc import Callable
from typing import Any

from bench.measure import measure, table
from bench.population import ACCOUNT, grow_users, prepare_database, vacuum
from bench.trail_population import grow_trail

USERS, EVENTS = 100_000, 1_000_000
MOST_MS, MOST_QUERIES = 150, 15  # what a list page may cost at that size
PAGES = {
    "users, first page": "/users/",
    "users, last page": "/users/?last=1",
    "users, page 1,500 by number": "/users/?page=1500",
    "users, without MFA": "/users/?f=mfa:eq:none",
    "users, with MFA": "/users/?f=mfa:eq:any",
    "users, with console access": "/users/?f=console:eq:yes",
    "users, of a path": "/users/?f=path:eq:/ops/",
    "users, name begins": "/users/?f=name:starts:user05",
    "users, name contains": "/users/?f=name:has:r0501",
    "users, unused for 90 days": "/users/?f=activity:gt:90",
    "users, never active": "/users/?f=activity:eq:never",
    "users, created last week": "/users/?f=created:lt:7",
    "users, old keys": "/users/?f=key-age:gt:90",
    "users, old passwords": "/users/?f=password-age:gt:90",
    "users, with two keys": "/users/?f=keys:ge:2",
    "users, in no group": "/users/?f=groups:eq:0",
    "users, of a group": "/users/?f=group:eq:staff",
    "users, of a rare group": "/users/?f=group:eq:council",
    "users, with a boundary": "/users/?f=boundary:eq:limits",
    "users, by unique id": "/users/?f=id:has:AIDAZ",
    "users, by common tag": "/users/?f=tag:eq:team%3Dops",
    "users, by rare tag": "/users/?f=tag:eq:project%3Dapollo",
    "users, without a tag": "/users/?f=tag:ne:team%3Dops",
    "users, tag or no MFA": "/users/?f=tag:eq:team%3Dops&f=mfa:eq:none&join=or",
    "users, three filters, sorted": "/users/?f=tag:eq:team%3Dops&f=mfa:eq:none&f=activity:gt:30&sort=-activity",
    "users, free text": "/users/?q=user0999",
    "users, free text, many": "/users/?q=user",
    "users, no match": "/users/?q=nobody-at-all",
    "users, by path": "/users/?sort=path",
    "users, by MFA": "/users/?sort=mfa",
    "users, by password age": "/users/?sort=-password_age",
    "users, by last activity": "/users/?sort=-activity",
    "users, by key age": "/users/?sort=key_age",
    "users, by groups": "/users/?sort=-groups",
    "users, by creation": "/users/?sort=created",
    "users, by console access": "/users/?sort=-console",
    "users, by last sign-in": "/users/?sort=-signed_in",
    "users, by active keys": "/users/?sort=-keys",
    "users, by boundary": "/users/?sort=boundary",
    "users, by boundary, last page": "/users/?sort=boundary&last=1",
    "users, in the order of unique ids": "/users/?sort=unique_id",
    "users, by email": "/users/?sort=-email",
    "users, by risk": "/users/?sort=-risk",
    "users, by risk, last page": "/users/?sort=-risk&last=1",
    "users, with risks": "/users/?columns=risk&f=risk:eq:any",
    "users, with administrator access": "/users/?f=risk:eq:administrator",
    "users, without a boundary": "/users/?f=boundary:eq:(none)",
    "users, never signed in": "/users/?f=signed-in:eq:never",
    "users, without any tag": "/users/?f=tag:eq:(none)",
    "users, with any tag": "/users/?f=tag:ne:(none)",
    "users, of no group": "/users/?f=group:eq:(none)",
    "users, without an attached policy": "/users/?f=policy:eq:(none)",
    "users, with attached policies": "/users/?f=policy:ne:(none)",
    "users, with inline policies": "/users/?f=inline:eq:any",
    "users, without an email address": "/users/?f=email:eq:(none)",
    "users, email contains": "/users/?f=email:has:user0501",
    "users, boundaries suggested": "/users/?suggest=1&add=Permissions+boundary+%3D+",
    "users, groups suggested": "/users/?suggest=1&add=Group+%3D+",
    "users, tags suggested": "/users/?suggest=1&add=Tag+%3D+",
    "users, policies suggested": "/users/?suggest=1&add=Attached+policy+%3D+",
    "users, email addresses suggested": "/users/?suggest=1&add=Email+%3A+user0501",
    "members of a group": "/groups/staff/",
    "members of a group, by activity": "/groups/staff/?sort=-activity",
    "members of a group, last page": "/groups/staff/?last=1",
    "users outside a group": "/groups/council/add-users/",
    "entities of a policy": "/policies/entities/arn:aws:iam::123456789012:policy/limits/",
    "one user": "/users/user050000/",
    "who manages a user": "/users/user050000/managers/",
    "roles that manage a user": "/users/user050000/managers/?kind=role",
    "history of a user": "/users/user050000/history/",
    "history of a user, last page": "/users/user050000/history/?last=1",
    "history of a group": "/groups/staff/history/",
    "policies found by a need": "/pick/policies/?name=policies&policies-q=read+bucket+logs",
    "groups": "/groups/",
    "trail": "/trail/",
    "groups, by users": "/groups/?sort=-members",
    "groups, with the same users": "/groups/?f=same-users:eq:yes",
    "roles": "/roles/",
    "roles, by trusted entities": "/roles/?sort=trusted",
    "roles, by policies": "/roles/?sort=-policies",
    "roles, by policies, last page": "/roles/?sort=-policies&last=1",
    "roles, by boundary": "/roles/?sort=-boundary",
    "roles, by path": "/roles/?sort=path",
    "roles, trusted by anybody": "/roles/?f=open:eq:yes",
    "roles, without a boundary": "/roles/?f=boundary:eq:(none)",
    "groups, by policies": "/groups/?sort=-policies",
    "policies": "/policies/",
    "policies, free text": "/policies/?q=access",
    "trail, last page": "/trail/?last=1",
    "trail, denied": "/trail/?f=outcome:eq:denied",
    "trail, failed": "/trail/?f=outcome:eq:failed",
    "trail, allowed": "/trail/?f=outcome:eq:allowed",
    "trail, last week": "/trail/?f=time:lt:7",
    "trail, older than a year": "/trail/?f=time:gt:365",
    "trail, of a name": "/trail/?f=name:eq:CreateUser",
    "trail, of a rare name": "/trail/?f=name:eq:DeleteAccountPasswordPolicy",
    "trail, of a user": "/trail/?f=user:eq:user000042",
    "trail, of a principal": "/trail/?f=principal:eq:arn:aws:iam::123456789012:user/user000042",
    "trail, denied to a user last week": "/trail/?f=outcome:eq:denied&f=user:eq:user000042&f=time:lt:7",
    "trail, free text, many": "/trail/?q=createuser",
    "trail, free text, few": "/trail/?q=user099999",
    "trail, free text, none": "/trail/?q=nothing-like-it",
    "trail, by name": "/trail/?sort=name",
    "trail, by user": "/trail/?sort=who",
    "trail, by outcome": "/trail/?sort=outcome",
    "trail, by outcome, last page": "/trail/?sort=-outcome&last=1",
    "trail, by principal": "/trail/?sort=-principal_arn",
}


def run() -> None:
    prepare_database()
    from operations import journal

    grow_users(USERS)
    grow_trail(EVENTS)
    vacuum()
    journal.start()  # as in every served process
    get = browser()
    pages = {**PAGES, "users, deep page": deep_page()}
    rows = []
    for name, address in sorted(pages.items()):
        figure = measure(lambda _, address=address: get(address), repeats=15)
        rows.append((name, figure.median_ms, figure.p95_ms, figure.cpu_ms, figure.queries))
    journal.stop()
    table(("page", "median ms", "p95 ms", "cpu ms", "queries"), rows)
    slow = [row[0] for row in rows if row[1] > MOST_MS or row[4] > MOST_QUERIES]
    print(f"\nabove {MOST_MS} ms or {MOST_QUERIES} queries: {', '.join(slow) or 'none'}")


def browser() -> Callable[[str], Any]:
    """A signed-in administrator, asking over Django's test client: everything but the socket is real."""
    from django.conf import settings
    from django.test import Client

    from accounts.models import User
    from accounts.sessions import SessionStore
    from operations.clock import now

    settings.ALLOWED_HOSTS = ["*"]
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    session = SessionStore()
    moment = now().isoformat()
    session.update(
        {
            "user_id": User.objects.get(account_id=ACCOUNT, name="admin").pk,
            "session_id": "bench",
            "signed_in_at": moment,
            "factor_at": moment,
        }
    )
    session.create()
    session.save()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key

    def get(address: str) -> Any:
        response = client.get(address)
        if response.status_code != 200:
            raise RuntimeError(f"{address} answered {response.status_code}")
        return response

    return get


def deep_page() -> str:
    """The address of a page half-way down the list."""
    from pages.listing.paging import Cursor

    return "/users/?after=" + Cursor("user050000", 50_000, 50_000).encode()
