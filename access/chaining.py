"""Finding who reaches a role through others: a user assumes one role, its session the next, and so on (role chaining).

From the role backwards: which roles can assume it, which roles can assume those, so that the first way found to each is a shortest one and
nothing goes in circles. Each step is decided by the engine. A search has bounds, in steps, roles, decisions and time, and says when it met
one; it costs a fixed number of queries.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

from access.shared_bundles import SharedBundle, shared_bundles
from access.step import Step, Way
from accounts.models import Role, User
from federation.assuming import USER, Assumer, Chain, Chains, Link, register_chain_finder

LONGEST = 4  # steps of a chain
MOST_ROLES = 1000
USERS_ASKED = 1000
MOST_FOUND = 50
MOST_NAMED = 5000  # users whom a query looks for one by one
MOST_DECISIONS = 10_000
MOST_SECONDS = 1.0


@dataclass(frozen=True)
class _Reached:
    """A role that leads to the one in question: by which step, on to which role that does, and how many steps that makes in all."""

    role: Role
    step: Step
    way: Way
    then: "_Reached | None"
    steps: int

    def links(self) -> Iterator[Link]:
        """The steps from here to the role in question."""
        here: _Reached | None = self
        while here is not None:
            yield Link(here.step.role, Assumer(here.role, here.way.needs, here.step.by(here.role, here.way)))
            here = here.then


class _Bound:
    """How many questions, and how much time, are left. What is met is looked at between roles and users, so that each is asked about to
    the end."""

    def __init__(self) -> None:
        self.left, self.until = MOST_DECISIONS, monotonic() + MOST_SECONDS

    def is_met(self) -> bool:
        return self.left <= 0 or monotonic() > self.until

    def asked(self, step: Step, row: User | Role, bundle: SharedBundle, tags: Mapping[str, str]) -> Way | None:
        """The answer to one question; one that need not be put costs nothing."""
        if not step.may_concern(row, bundle, tags):
            return None
        self.left -= 1
        return step.way(row, bundle, tags)


@register_chain_finder
def find(role: Role, kind: str, after: str) -> Chains:
    """Those of the users or roles, after a name, who reach a role by at least one other."""
    search = _Search(role)
    return search.users(after) if kind == USER else search.roles(after)


class _Search:
    """The roles of the account that lead to one of them."""

    def __init__(self, role: Role) -> None:
        self.role, self.direct = role, Step(role)
        roles = Role.objects.filter(account_id=role.account_id).exclude(pk=role.pk)
        rows = list(roles.prefetch_related("tags").order_by("name_key")[: MOST_ROLES + 1])
        self.is_cut = len(rows) > MOST_ROLES
        self.rows = rows[:MOST_ROLES]
        self.bundles = shared_bundles(self.rows).of
        self.reached: dict[int, _Reached] = {}
        self._bound = _Bound()
        self._search()

    def _search(self) -> None:
        tags = {row.pk: {tag.key: tag.value for tag in row.tags.all()} for row in self.rows}
        frontier: list[tuple[Step, _Reached | None]] = [(self.direct, None)]
        for steps in range(1, LONGEST + 1):
            following: list[tuple[Step, _Reached | None]] = []
            for step, then in frontier:
                if self._bound.is_met():
                    self.is_cut = True
                    return
                for row in self.rows:
                    if row.pk not in self.reached and row.pk != step.role.pk:
                        way = self._bound.asked(step, row, self.bundles[row.unique_id], tags[row.pk])
                        if way is not None:
                            self.reached[row.pk] = _Reached(row, step, way, then, steps)
                            following.append((Step(row), self.reached[row.pk]))
            frontier = following

    def roles(self, after: str) -> Chains:
        """The roles that are more than one step away. (Those that are one step away are listed as such.)"""
        rows = sorted((each for each in self.reached.values() if each.steps > 1), key=lambda each: each.role.name_key)
        rows = [each for each in rows if each.role.name_key > after]
        page = rows[:MOST_FOUND]
        following = page[-1].role.name_key if len(rows) > MOST_FOUND else ""
        found = [Chain(each.role, list(each.links()), is_direct=False) for each in page]
        return Chains(found, len(self.rows), following, self.is_cut)

    def users(self, after: str) -> Chains:
        """The users who can assume a role that leads there, asked one after the other until a page is full or a bound is met."""
        steps = [(each, Step(each.role)) for each in self.reached.values() if each.steps < LONGEST]
        rows = self._candidates(after, [step for _each, step in steps])
        shared = shared_bundles(rows)
        found: list[Chain] = []
        bound = _Bound()
        for number, row in enumerate(rows, 1):
            chain = self._chain_of(row, shared.of[row.unique_id], shared.tags[row.unique_id], steps, bound)
            if chain is not None:
                found.append(chain)
            if number < len(rows) and (len(found) == MOST_FOUND or bound.is_met()):
                return Chains(found, number, row.name_key, self.is_cut)
        following = rows[-1].name_key if len(rows) == USERS_ASKED else ""
        return Chains(found, len(rows), following, self.is_cut)

    def _candidates(self, after: str, steps: Sequence[Step]) -> list[User]:
        """The next users; only those whom the trust policies name, where all of them name their principals one by one."""
        if not steps:
            return []
        rows = User.objects.filter(account_id=self.role.account_id, name_key__gt=after)
        named = [step.named_one_by_one for step in steps]
        ids = {each for names in named for each in names or ()}
        if None not in named and len(ids) <= MOST_NAMED:
            rows = rows.filter(unique_id__in=ids)
        return list(rows.order_by("name_key")[:USERS_ASKED])

    def _chain_of(
        self,
        row: User,
        bundle: SharedBundle,
        tags: Mapping[str, str],
        steps: Sequence[tuple[_Reached, Step]],
        bound: _Bound,
    ) -> Chain | None:
        """The shortest chain of a user, asked to its end; `steps` stand in the order of how far they are."""
        for reached, step in steps:
            way = bound.asked(step, row, bundle, tags)
            if way is not None:
                first = Link(step.role, Assumer(row, way.needs, step.by(row, way)))
                direct = bound.asked(self.direct, row, bundle, tags) is not None
                return Chain(row, [first, *reached.links()], direct)
        return None
