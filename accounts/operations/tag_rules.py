"""Tags of users and roles, whose keys are one key when they differ only in case (IAM User Guide, «Tags for IAM resources»)."""

from policies.tag_rules import check_tags


def folded_tags(tags: list[dict[str, str]]) -> list[dict[str, str]]:
    """Columns of tag rows for users and roles. Raises InvalidInput, LimitExceeded."""
    check_tags(tags, fold=True)
    return [{"key": tag["Key"], "key_folded": tag["Key"].lower(), "value": tag.get("Value", "")} for tag in tags]
