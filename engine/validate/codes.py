"""The closed set of check codes: severity, the kinds of policy they are for, and what they say.

The codes and severities are AWS's (Access Analyzer, "IAM policy validation check reference"); the sentences are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from engine.validate.codes_advice import SECURITY_WARNINGS, SUGGESTIONS, WARNINGS
from engine.validate.codes_errors import ERRORS

Severity = Literal["ERROR", "WARNING", "SECURITY_WARNING", "SUGGESTION"]

_REFERENCE: Final = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"
    "#access-analyzer-reference-policy-checks-"
)
# A policy kind's letter in the scopes: identity (also boundary and session), resource, trust, SCP, RCP.
SCOPES: Final[Mapping[str, str]] = {
    "identity": "I",
    "boundary": "I",
    "session": "I",
    "resource": "R",
    "trust": "T",
    "scp": "S",
    "rcp": "C",
}


@dataclass(frozen=True, slots=True)
class Code:
    """One check: its code, how grave it is, the scope letters it is for, and the sentence with `{parameters}`."""

    name: str
    severity: Severity
    scope: str
    message: str

    @property
    def learn_more(self) -> str:
        """AWS's page about this check."""
        kind = "general-warning" if self.severity == "WARNING" else self.severity.lower().replace("_", "-")
        return f"{_REFERENCE}{kind}-{self.name.lower().replace('_', '-')}"


def _codes(severity: Severity, table: tuple[tuple[str, str, str], ...]) -> dict[str, Code]:
    return {name: Code(name, severity, scope, message) for name, scope, message in table}


CODES: Final[Mapping[str, Code]] = {
    **_codes("ERROR", ERRORS),
    **_codes("WARNING", WARNINGS),
    **_codes("SECURITY_WARNING", SECURITY_WARNINGS),
    **_codes("SUGGESTION", SUGGESTIONS),
}
# AWS still lists this code, though service control policies take wildcards anywhere since 2025: only on request.
OFF_BY_DEFAULT: Final = frozenset({"SCP_SYNTAX_ERROR_ACTION_WILDCARD"})
# Codes that AWS has withdrawn; tools that import old reports may still meet them, so they are never given a new meaning.
RETIRED: Final = frozenset(
    {
        "SCP_SYNTAX_ERROR_ALLOW_CONDITION",
        "SCP_SYNTAX_ERROR_ALLOW_NOTACTION",
        "SCP_SYNTAX_ERROR_ALLOW_RESOURCE",
        "SCP_SYNTAX_ERROR_NOTRESOURCE",
    }
)
