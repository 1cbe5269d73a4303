"""The AWS managed policies: where their data comes from, and bringing the database up to it.

The data is a file of the moto package (Apache-2.0). It is read as text: importing moto would load half of its emulator.
"""

import ast
import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from operations import record
from operations.models import Ledger
from policies.facts import FACTS, measure
from policies.models import AWS, ManagedPolicy, PolicyVersion

VARIABLE = "aws_managed_policies_data"
BATCH = 200
# The order in which people expect to read the elements; the data has them by the alphabet.
ELEMENTS = ("Version", "Id", "Statement")
STATEMENT_ELEMENTS = (
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
)  # fmt: skip

Progress = Callable[[int, int], None]


class DataMissing(Exception):
    """The file with the AWS managed policies is not there or cannot be read; the message says what to do."""


@dataclass(frozen=True)
class Published:
    """An AWS managed policy as AWS publishes it: the version in force only."""

    name: str
    path: str
    version: int
    document: str
    created_at: datetime
    updated_at: datetime

    @property
    def arn(self) -> str:
        return f"arn:{settings.PARTITION}:iam::{AWS}:policy{self.path}{self.name}"

    @property
    def unique_id(self) -> str:
        """Made from the ARN, so that it is the same in every installation and after every load."""
        digest = base64.b32encode(hashlib.sha256(f"policy{self.path}{self.name}".encode()).digest())
        return "ANPA" + digest.decode()[:17]


@dataclass
class Outcome:
    """What a load has done, as ARNs."""

    total: int = 0
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)

    @property
    def anything(self) -> bool:
        return bool(self.added or self.changed or self.retired)


def data_file() -> Path:
    """The moto package's file, found without importing the package. Raises DataMissing."""
    spec = find_spec("moto")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / "iam" / "aws_managed_policies.py"
        if path.is_file():
            return path
    raise DataMissing("The AWS managed policies come with the package moto, which is not installed.")


def read(path: Path) -> list[Published]:
    """The policies in moto's file (a JSON text in a string literal). Raises DataMissing for a file of another form."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        text = next(
            node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and any(isinstance(target, ast.Name) and target.id == VARIABLE for target in node.targets)
        )
        return [_published(name, entry) for name, entry in json.loads(str(text)).items()]
    except (OSError, StopIteration, SyntaxError, ValueError, KeyError, TypeError) as error:
        raise DataMissing(f"{path} does not hold the AWS managed policies as expected ({error!r}).") from error


def load(published: Iterable[Published], progress: Progress | None = None) -> Outcome:
    """Bring the database up to what AWS publishes; a second load of the same changes nothing.

    New documents become new versions under AWS's version number, and the old ones stay to be read. A policy that AWS has
    withdrawn stays with those who have it and cannot be attached any more. All or nothing; when anything has changed, the
    policy stamp moves, so that every process drops what it has prepared.
    """
    progress = progress or _silently
    wanted = {policy.arn: policy for policy in published}
    with transaction.atomic():
        record.lock(AWS)
        stored = {row.arn: row for row in ManagedPolicy.objects.filter(account_id=AWS)}
        outcome = Outcome(total=len(wanted))
        _add([policy for arn, policy in wanted.items() if arn not in stored], outcome, progress)
        _update(wanted, stored, outcome)
        _retire([row for arn, row in stored.items() if arn not in wanted and row.is_attachable], outcome)
        if outcome.anything:
            Ledger.objects.filter(pk=AWS).update(stamp=F("stamp") + 1)
        progress(len(wanted), len(wanted))
    return outcome


def _silently(*_: int) -> None:
    """Progress for those who do not watch."""


def _add(missing: list[Published], outcome: Outcome, progress: Progress) -> None:
    for start in range(0, len(missing), BATCH):
        batch = missing[start : start + BATCH]
        rows = [
            ManagedPolicy(
                account_id=AWS,
                name=policy.name,
                name_key=policy.name.lower(),
                path=policy.path,
                arn=policy.arn,
                unique_id=policy.unique_id,
                default_version=policy.version,
                latest_version=policy.version,
                created_at=policy.created_at,
                updated_at=policy.updated_at,
            )
            for policy in batch
        ]
        for row, policy in zip(rows, batch, strict=True):
            measure(row, policy.document)
        ManagedPolicy.objects.bulk_create(rows)
        PolicyVersion.objects.bulk_create(_version(row, policy) for row, policy in zip(rows, batch, strict=True))
        outcome.added.extend(row.arn for row in rows)
        progress(start + len(batch), outcome.total)


def _update(wanted: Mapping[str, Published], stored: Mapping[str, ManagedPolicy], outcome: Outcome) -> None:
    versions = {
        (version.policy_id, version.number): version
        for version in PolicyVersion.objects.filter(policy__in=[row.pk for row in stored.values()])
    }
    for arn, row in stored.items():
        policy = wanted.get(arn)
        if policy is None:
            continue
        version = versions.get((row.pk, policy.version))
        same = version is not None and version.document == policy.document
        if same and row.default_version == policy.version and row.is_attachable:
            continue
        if version is None:
            _version(row, policy).save(force_insert=True)
            row.version_count += 1
        elif not same:
            version.document = policy.document
            version.save(update_fields=["document"])
        row.default_version = policy.version
        row.latest_version = max(row.latest_version, policy.version)
        row.updated_at = policy.updated_at
        row.is_attachable = True
        measure(row, policy.document)
        row.save(
            update_fields=["default_version", "latest_version", "version_count", "updated_at", "is_attachable", *FACTS]
        )
        outcome.changed.append(arn)


def _retire(rows: list[ManagedPolicy], outcome: Outcome) -> None:
    ManagedPolicy.objects.filter(pk__in=[row.pk for row in rows]).update(is_attachable=False)
    outcome.retired.extend(row.arn for row in rows)


def _version(row: ManagedPolicy, policy: Published) -> PolicyVersion:
    return PolicyVersion(policy=row, number=policy.version, document=policy.document, created_at=policy.updated_at)


def _published(name: str, entry: Mapping[str, Any]) -> Published:
    return Published(
        name=name,
        path=entry["Path"],
        version=int(entry["DefaultVersionId"].removeprefix("v")),
        document=_text(entry["Document"]),
        created_at=datetime.fromisoformat(entry["CreateDate"]),
        updated_at=datetime.fromisoformat(entry["UpdateDate"]),
    )


def _text(document: Mapping[str, Any]) -> str:
    statements = document["Statement"]
    ordered = dict(_ordered(document, ELEMENTS))
    if isinstance(statements, list):
        ordered["Statement"] = [_ordered(statement, STATEMENT_ELEMENTS) for statement in statements]
    else:
        ordered["Statement"] = _ordered(statements, STATEMENT_ELEMENTS)
    return json.dumps(ordered, indent=4, ensure_ascii=False)


def _ordered(value: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    known = {name: value[name] for name in names if name in value}
    return known | {name: item for name, item in value.items() if name not in known}
