"""Which managed policies fit what somebody needs: each word in its name or description, or in what it allows.

All of it is asked of what is kept beside each policy (`ManagedPolicy.allowed_actions`), so no document is read, but for words that are
actions themselves (`s3:Get*`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Q

from engine import action_sets
from policies.allowing import allow, is_action
from policies.contents import contents
from policies.models import AWS, ManagedPolicy
from policies.needed.meanings import MOST_WORDS, Word, words_of

_COLUMNS: Final = ("pk", "name_key", "description", "arn", "allowed_actions")


@dataclass(frozen=True)
class Need:
    """What is looked for: `things` and what is to be done to each of them (`doings`), actions, and words that mean nothing."""

    things: Sequence[Word]
    doings: Sequence[Word]
    actions: Sequence[str]
    plain: Sequence[str]

    @classmethod
    def of(cls, text: str) -> "Need":
        words = words_of(text)
        meant = [word for word in words if word.actions]
        return cls(
            [word for word in meant if not word.is_doing],
            [word for word in meant if word.is_doing],
            [word.text for word in words if ":" in word.text and is_action(word.text)],
            [word.text for word in words if not word.actions and not (":" in word.text and is_action(word.text))],
        )

    def fits(self, said: str, allowed: int, has: Sequence[bool]) -> bool:
        """Whether a policy fits of whose name and description it is `said`, that allows these actions, and of the actions asked for `has`
        these. What is done counts where it is done to the things: who reads queues and writes buckets does not «read buckets».
        """
        if not all(text in said for text in self.plain):
            return False
        if not all(found or text in said for text, found in zip(self.actions, has, strict=True)):
            return False
        unsaid = [word.actions & allowed for word in self.things if word.text not in said]
        if not all(unsaid):
            return False
        return all(
            word.text in said or (word.actions & allowed and all(word.actions & found for found in unsaid))
            for word in self.doings
        )


def needed(account_id: str, text: str) -> Q | None:
    """The policies that an account sees and that fit a need, as a condition; None where no word of it means more than its letters.

    One query, and two at most for all actions that are named.
    """
    need = Need.of(text)
    if not (need.things or need.doings or need.actions):
        return None
    granted = _granting(account_id, need.actions) if need.actions else {}
    nothing = [False] * len(need.actions)
    fitting: list[int] = []
    others: list[int] = []
    rows = ManagedPolicy.objects.filter(account_id__in=(AWS, account_id)).values_list(*_COLUMNS)
    for pk, name, description, arn, packed in rows:
        allowed = action_sets.unpacked(bytes(packed))
        said = f"{name}\n{description.lower()}\n{arn.lower() if text.startswith('arn:') else ''}"
        (fitting if need.fits(said, allowed, granted.get(pk, nothing)) else others).append(pk)
    # The shorter list of both: a database takes so many values at most.
    return Q(pk__in=fitting) if len(fitting) <= len(others) else ~Q(pk__in=others)


def _granting(account_id: str, actions: Sequence[str]) -> Mapping[int, list[bool]]:
    """Of each policy, whether it allows something of each action or pattern. Two queries at most."""
    return {
        policy: [allow(content.grants, action) for action in actions[:MOST_WORDS]]
        for policy, content in contents(account_id)
    }
