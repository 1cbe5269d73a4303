"""Trust policies: user and role principals are kept as unique ids, and read back as ARNs as long as the entities live.

So a namesake of a deleted user does not regain its trust, and a renamed user keeps it (IAM User Guide, «AWS JSON policy
elements: Principal»). Only the principals' own text is exchanged; the rest of a document stays as it was typed, to the byte.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from functools import partial
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Role, User
from engine import Policy, PolicySyntaxError
from engine.grammar import size
from engine.grammar_resource_based import invalid_principal
from engine.json_tree import Node, parse
from engine.open_trust import open_statements
from operations.errors import MalformedPolicyDocument
from operations.quotas import enforce
from policies.documents import check_document
from policies.facts import edition

_ENTITY = re.compile(
    r"arn:(?P<partition>[a-z0-9-]+):iam::(?P<account>[0-9]{12}):(?P<kind>[a-z-]+)/(?P<path>(?:.*/)?)(?P<name>[^/]+)"
)
_SESSION = re.compile(r"arn:[a-z0-9-]+:sts::[0-9]{12}:assumed-role/(?P<role>[^/]+)(?:/.*)?")
_OWNER = re.compile(r"(?:arn:(?P<partition>[a-z0-9-]+):(?:iam|sts)::)?(?P<account>[0-9]{12})(?::.*)?")
_UNIQUE_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,124}")
MOST_SORTED = 512  # characters of a name by which lists sort; PostgreSQL's indexes take 2,700 bytes
NOBODY = _("There is no such user or role.")
NO_ACCOUNT = _("This installation has no such account.")
_STORED_ID = re.compile(r"\b(?:AIDA|AROA)[A-Z0-9]{12,124}\b")


def checked(document: str, before: str | None = None) -> str:
    """The stored form of a trust policy that somebody wants to save. `before`: the role's stored one; accounts elsewhere that it names (it
    was imported) may stay.

    Raises MalformedPolicyDocument for what AWS would refuse, LimitExceeded for one that is too long.
    """
    check_document(document, "trust")
    enforce("AssumeRolePolicySizeQuota", size(document))
    kept = {str(node.value) for node in _principals(before)} if before else set()
    return stored_forms([document], kept=kept)[0]


def stored_forms(documents: Sequence[str], *, exported: bool = False, kept: Set[str] = frozenset()) -> list[str]:
    """Trust policies with their user and role principals as unique ids, in a fixed number of queries.

    Raises MalformedPolicyDocument, with the place and (in `details["position"]`) the number of the document, for a principal that does not
    exist: an entity, or an account that this installation does not have. `exported`: the documents come out of AWS, so accounts elsewhere
    are no error and stay as text, and neither are unique ids without an entity, which AWS prints for what was deleted. `kept`: principals
    of accounts elsewhere that are no error either.
    """
    named = [list(_principals(document)) for document in documents]
    known = _Known({str(node.value) for nodes in named for node in nodes}, exported=exported, kept=kept)
    return [
        _replaced(document, nodes, partial(known.stored, number))
        for number, (document, nodes) in enumerate(zip(documents, named, strict=True))
    ]


def named(document: str) -> dict[str, User | Role | None]:
    """The users and roles that a trust policy as it is shown names, by their text: who bears that ARN now; None for who is not there, and
    for the unique id of one that was deleted. Accounts elsewhere are left out. One query for each kind that is named, one more for who is
    not there.
    """
    texts = dict.fromkeys(str(node.value) for node in _principals(document))
    parsed = {text: match for text in texts if (match := _ENTITY.fullmatch(text))}
    rows: dict[str, User | Role] = {}
    for kind, model in (("user", User), ("role", Role)):
        those = [match for match in parsed.values() if match["kind"] == kind]
        keys = {"account_id__in": {m["account"] for m in those}, "name_key__in": {m["name"].lower() for m in those}}
        rows.update({row.arn: row for row in model.objects.filter(**keys)} if those else {})
    found: dict[str, User | Role | None] = {text: rows[text] for text in parsed if text in rows}
    gone = {text: match["account"] for text, match in parsed.items() if match["kind"] in {"user", "role"}}
    if gone := {text: account for text, account in gone.items() if text not in rows}:
        known = set(Account.objects.filter(pk__in=set(gone.values())).values_list("pk", flat=True))
        found.update(dict.fromkeys(text for text, account in gone.items() if account in known))
    ids = {text for text in texts if _UNIQUE_ID.fullmatch(text)}
    return {**found, **dict.fromkeys(ids - set(_arns_of(ids)))}


def stored_as(document: str, entities: Mapping[str, User | Role | None]) -> str:
    """The stored form of a trust policy whose users and roles are known (`named`). No query."""
    nodes = list(_principals(document))
    return _replaced(document, nodes, lambda node: row.unique_id if (row := entities.get(str(node.value))) else None)


def readable(document: str) -> str:
    """One stored trust policy as it is shown: ARNs for the living, bare unique ids for the dead."""
    return readable_forms([document])[0]


def readable_forms(documents: Sequence[str]) -> list[str]:
    """Stored trust policies as they are shown, in at most two queries."""
    ids = {found for document in documents for found in _STORED_ID.findall(document)}
    arns = _arns_of(ids) if ids else {}
    if not arns:
        return list(documents)
    return [
        _replaced(document, list(_principals(document)), lambda node: arns.get(str(node.value)))
        if _STORED_ID.search(document)
        else document
        for document in documents
    ]


def trusted(document: str) -> Iterator[tuple[str, str]]:
    """Whom a trust policy lets in, by kind (AWS, Service, Federated, CanonicalUser) and name, in its order."""
    statements = json.loads(document).get("Statement", [])
    for statement in [statements] if isinstance(statements, dict) else statements:
        principal = statement.get("Principal") if statement.get("Effect") == "Allow" else None
        named = {"AWS": principal} if isinstance(principal, str) else principal or {}
        for kind, values in named.items():
            yield from ((kind, value) for value in ([values] if isinstance(values, str) else values))


def columns(document: str) -> dict[str, Any]:
    """The columns of a role with a stored trust policy: the policy itself, and what the list of roles sorts and filters by."""
    return {
        "trust_policy": document,
        "trusted_first": first_trusted(document),
        "trusts_anybody": trusts_anybody(document),
        "trust_checked_with": edition(),
    }


def trusts_anybody(document: str) -> bool:
    """Whether a trust policy lets in whoever comes, from any account (engine.open_trust); a text that is no policy lets in nobody."""
    try:
        return bool(open_statements(Policy.parse(document)))
    except PolicySyntaxError:
        return False


def first_trusted(document: str) -> str:
    """The first of those, as lists sort by it; an empty text where nobody is let in.

    A document can name what no column and no index takes (NUL, half a character, thousands of them): an imported one may hold anything.
    """
    first = next((name for _kind, name in trusted(document)), "")
    return first.encode("utf-8", "replace").decode().replace("\0", "")[:MOST_SORTED]


class _Known:
    """What this installation knows of some principals: its accounts, and the entities that the principals name."""

    def __init__(self, principals: set[str], *, exported: bool, kept: Set[str]) -> None:
        self.exported, self.kept = exported, kept
        self.owners = {text: match for text in principals if (match := _OWNER.fullmatch(text))}
        numbers = {match["account"] for match in self.owners.values()}
        self.accounts = set(Account.objects.filter(pk__in=numbers).values_list("pk", flat=True)) if numbers else set()
        self.parsed = {text: match for text in self.owners if (match := _ENTITY.fullmatch(text))}
        self.sessions = {text: match["role"].lower() for text in self.owners if (match := _SESSION.fullmatch(text))}
        users, roles = self._find("user", User), self._find("role", Role, set(self.sessions.values()))
        self.roles = {(row.account_id, row.name_key) for row in roles}
        self.ids = {row.arn: row.unique_id for row in (*users, *roles)}
        self.living = set(_arns_of({text for text in principals if _UNIQUE_ID.fullmatch(text)}))

    def _find(self, kind: str, model: type[User] | type[Role], more: Set[str] = frozenset()) -> Sequence[User | Role]:
        names = {m["name"].lower() for m in self.parsed.values() if m["kind"] == kind and m["account"] in self.accounts}
        names |= more
        return list(model.objects.filter(account_id__in=self.accounts, name_key__in=names)) if names else []

    def stored(self, number: int, node: Node) -> str | None:
        """What to store in a principal's place; None for its own text. Raises MalformedPolicyDocument for one that does not exist."""
        text = str(node.value)
        owner = self.owners.get(text)
        if owner is None:
            known = text in self.living or self.exported or not _UNIQUE_ID.fullmatch(text)
            return None if known else _refuse(node, number, NOBODY)
        if owner["account"] not in self.accounts or owner["partition"] not in {None, settings.PARTITION}:
            return None if self.exported or text in self.kept else _refuse(node, number, NO_ACCOUNT)
        if text in self.parsed:
            return self.ids.get(text) or _refuse(node, number, NOBODY)
        if text in self.sessions and not self.exported and (owner["account"], self.sessions[text]) not in self.roles:
            return _refuse(node, number, NOBODY)
        return None


def _refuse(node: Node, number: int, explanation: Promise) -> str:
    place = node.span
    raise MalformedPolicyDocument(
        invalid_principal("AWS", str(node.value)),
        line=place.start_line,
        column=place.start_column,
        offset=place.start_offset,
        position=number,
        explanation=explanation,
    )


def _arns_of(ids: set[str]) -> Mapping[str, str]:
    """ARN by unique id, for those that are living users or roles."""
    if not ids:
        return {}
    found: dict[str, str] = {}
    for model, kind in ((User, "AIDA"), (Role, "AROA")):
        if those := {each for each in ids if each.startswith(kind)}:
            found.update({row.unique_id: row.arn for row in model.objects.filter(unique_id__in=those)})
    return found


def _principals(document: str) -> Iterator[Node]:
    """The strings under `"AWS"` of each statement's Principal, in order, with their places."""
    statements = parse(document).get("Statement")
    for statement in statements.items or (statements,) if statements else ():
        named = statement.get("Principal")
        value = named.get("AWS") if named else None
        if value is not None:
            yield from (node for node in value.items or (value,) if node.kind == "string")


def _replaced(document: str, nodes: Sequence[Node], text_of: Callable[[Node], str | None]) -> str:
    parts: list[str] = []
    end = 0
    for node in nodes:
        text = text_of(node)
        if text is not None:
            parts += [document[end : node.span.start_offset], json.dumps(text, ensure_ascii=False)]
            end = node.span.end_offset
    return "".join([*parts, document[end:]])
