"""AWS's rules for tags: at most fifty, no `aws:` prefix, no key twice (IAM User Guide, «Tags for IAM resources»)."""

from operations.errors import InvalidInput
from operations.quotas import enforce


def check_tags(tags: list[dict[str, str]], *, fold: bool) -> None:
    """Refuse reserved and repeated keys. `fold`: keys that differ only in case are one key (users and roles).

    Raises InvalidInput, LimitExceeded.
    """
    seen: set[str] = set()
    for tag in tags:
        key = tag["Key"]
        if key.lower().startswith("aws:"):
            raise InvalidInput("System tags starting with aws: cannot be set or modified.")
        known = key.lower() if fold else key
        if known in seen:
            case = " Please note that Tag keys are case insensitive." if fold else ""
            raise InvalidInput(f"Duplicate tag keys found.{case}")
        seen.add(known)
    enforce("TagsPerResourceQuota", len(tags))
