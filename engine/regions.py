"""AWS's partitions and their Regions (AWS General Reference, "Regions and endpoints"), and patterns over them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from engine.wildcards import matches

REGIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "aws": (
        "af-south-1",
        *("ap-east-1", "ap-east-2"),
        *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
        *("ap-south-1", "ap-south-2"),
        *("ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4"),
        *("ap-southeast-5", "ap-southeast-6", "ap-southeast-7"),
        *("ca-central-1", "ca-west-1"),
        *("eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2"),
        *("eu-west-1", "eu-west-2", "eu-west-3"),
        *("il-central-1", "me-central-1", "me-south-1", "me-west-1", "mx-central-1", "sa-east-1", "sa-west-1"),
        *("us-east-1", "us-east-2", "us-west-1", "us-west-2"),
    ),
    "aws-cn": ("cn-north-1", "cn-northwest-1"),
    "aws-us-gov": ("us-gov-east-1", "us-gov-west-1"),
    "aws-eusc": ("eusc-de-east-1",),
    "aws-iso": ("us-iso-east-1", "us-iso-west-1"),
    "aws-iso-b": ("us-isob-east-1", "us-isob-west-1"),
    "aws-iso-e": ("eu-isoe-west-1",),
    "aws-iso-f": ("us-isof-east-1", "us-isof-south-1"),
}
PARTITIONS: Final = frozenset(REGIONS)
ALL_REGIONS: Final = tuple(region for regions in REGIONS.values() for region in regions)
# Pseudo-Regions that stand for services without Regions, in `aws:RequestedRegion` and in a few ARNs.
PSEUDO_REGIONS: Final = frozenset({"aws-global", "aws-cn-global", "aws-us-gov-global", "global"})

_KNOWN: Final = frozenset(ALL_REGIONS) | PSEUDO_REGIONS


@lru_cache(maxsize=2048)
def region_exists(pattern: str) -> bool:
    """Whether a Region is called so, or a pattern with `*` and `?` matches one."""
    if "*" not in pattern and "?" not in pattern:
        return pattern in _KNOWN
    return any(matches(pattern, region) for region in _KNOWN)


@lru_cache(maxsize=256)
def partition_exists(pattern: str) -> bool:
    """Whether a partition is called so, or a pattern matches one."""
    return any(matches(pattern, partition) for partition in PARTITIONS)
