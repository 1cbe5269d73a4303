"""Whom a change of a trust policy lets in or shuts out beyond the users and roles of the account: everybody, other accounts, services and
identity providers. Who of them there is nobody here knows, so sentences are what can be said.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from accounts.trust_words import TrustSentence, sentence_for
from engine import Policy, PolicySyntaxError, Principals, Statement
from engine.open_trust import open_statements


@dataclass(frozen=True)
class Outsiders:
    """What is allowed to them then and was not before (`gained`), and the other way round (`lost`): a sentence for each principal.

    `denials_change` says that other things are denied then, which may take some of it back, or give some of it back.
    """

    gained: Sequence[TrustSentence]
    lost: Sequence[TrustSentence]
    denials_change: bool

    def __bool__(self) -> bool:
        return bool(self.gained or self.lost or self.denials_change)


def outsiders(before: str, after: str, account_id: str) -> Outsiders:
    """What changes for them from one trust policy to another, both as they are shown (with ARNs)."""
    old, new = (list(_allowed(document, account_id)) for document in (before, after))
    was_denied, is_denied = (set(_denied(document, account_id)) for document in (before, after))
    return Outsiders(_without(new, old), _without(old, new), was_denied != is_denied)


def _without(sentences: Sequence[TrustSentence], others: Sequence[TrustSentence]) -> list[TrustSentence]:
    """The sentences that are not among others, each once."""
    told = {str(each) for each in others}
    return list({text: each for each in sentences if (text := str(each)) not in told}.values())


def _statements(document: str, effect: str) -> Iterator[tuple[Statement, frozenset[int]]]:
    try:
        policy = Policy.parse(document)
    except PolicySyntaxError:
        return
    opening = open_statements(policy)
    yield from ((each, opening) for each in policy.statements if each.effect == effect)


def _allowed(document: str, account_id: str) -> Iterator[TrustSentence]:
    for statement, opening in _statements(document, "Allow"):
        if statement.principal is None:
            yield sentence_for(statement, account_id, opening)
            continue
        for one in _one_by_one(statement.principal):
            if not any(_is_within(name, account_id) for name in one.aws):
                is_open = "*" in (*one.aws, *one.federated)
                yield sentence_for(replace(statement, principal=one), account_id, opening if is_open else frozenset())


def _denied(document: str, account_id: str) -> Iterator[str]:
    for statement, opening in _statements(document, "Deny"):
        yield str(sentence_for(statement, account_id, opening))


def _one_by_one(principals: Principals) -> Iterator[Principals]:
    yield from (Principals(aws=(name,)) for name in principals.aws)
    yield from (Principals(service=(name,)) for name in principals.service)
    yield from (Principals(federated=(name,)) for name in principals.federated)
    yield from (Principals(canonical_user=(name,)) for name in principals.canonical_user)


def _is_within(name: str, account_id: str) -> bool:
    """Whether an AWS principal is the account itself, or a user or role of it: these are found one by one."""
    parts = name.split(":", 5)
    if len(parts) < 6:
        return name == account_id
    return parts[4] == account_id and (parts[5] == "root" or parts[5].startswith(("user/", "role/")))
