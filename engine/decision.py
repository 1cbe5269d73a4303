"""What evaluate answers."""

from __future__ import annotations

from typing import Any

from engine.explain import Explanation, Match, explain
from engine.layers import Outcome
from engine.policies import Policies
from engine.request import Request
from engine.trace import Trace


class Decision:
    """The outcome of a request. The reasons are worked out when first looked at, from the same request and policies."""

    __slots__ = ("_explanation", "_policies", "_request", "_trace", "outcome")

    def __init__(self, outcome: Outcome, request: Request, policies: Policies, trace: bool = False) -> None:
        self.outcome = outcome
        self._request = request
        self._policies = policies
        self._trace = trace
        self._explanation: Explanation | None = None

    def __repr__(self) -> str:
        return f"Decision({self.outcome!r})"

    @property
    def allowed(self) -> bool:
        """Whether the request is allowed."""
        return self.outcome == "allowed"

    @property
    def explanation(self) -> Explanation:
        """The reasons, layer by layer."""
        if self._explanation is None:
            self._explanation = explain(self._request, self._policies)
        return self._explanation

    @property
    def blocked_by(self) -> tuple[str, ...]:
        """The kinds of the layers that turned an allow into a denial: `scp`, `rcp`, `vpce`, `resource`, `trust`, `identity`,
        `boundary`, `session`."""
        return self.explanation.blocked_by

    @property
    def matched(self) -> tuple[Match, ...]:
        """The deciding statements: those that deny, or else those that grant; none behind an implicit deny."""
        return self.explanation.matched

    @property
    def missing_context(self) -> tuple[str, ...]:
        """The context keys that statements covering the action and resource read, and that the request lacks."""
        return self.explanation.missing_context

    @property
    def trace(self) -> Trace | None:
        """The whole explanation, if it was asked for."""
        return Trace(self.explanation) if self._trace else None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        found: dict[str, Any] = {
            "decision": self.outcome,
            "blocked_by": list(self.blocked_by),
            "matched": [match.as_dict() for match in self.matched],
            "missing_context": list(self.missing_context),
        }
        trace = self.trace
        return found if trace is None else {**found, "trace": trace.as_dict()}
