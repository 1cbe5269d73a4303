"""AWS's managed policies, read from the data file that moto ships, without importing moto."""

from __future__ import annotations

import ast
import importlib.util
import json
from functools import lru_cache
from pathlib import Path
from typing import Any


@lru_cache(maxsize=1)
def managed_policies() -> dict[str, dict[str, Any]]:
    """Name to what the file says of the policy; its document stands under `Document`."""
    spec = importlib.util.find_spec("moto")
    assert spec is not None
    assert spec.origin is not None
    source = (Path(spec.origin).parent / "iam" / "aws_managed_policies.py").read_text(encoding="utf-8")
    literal = source[source.index('"""') : source.rindex('"""') + 3]
    found: dict[str, dict[str, Any]] = json.loads(ast.literal_eval(literal))
    return found
