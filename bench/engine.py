"""The engine's workloads, made from seeded dice and measured by `python -m engine bench`, each in a process of its own."""

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.measure import table

SERVICES = {
    "s3": "arn:aws:s3:::",
    "dynamodb": "arn:aws:dynamodb:eu-central-1:123456789012:table/",
    "sqs": "arn:aws:sqs:eu-central-1:123456789012:",
}
VERBS = ("Get", "Put", "List", "Delete", "Describe", "Update", "Create")
NOUNS = ("Object", "Item", "Queue", "Table", "Bucket", "Message", "Tags")
USER = "arn:aws:iam::123456789012:user/user"


def run() -> None:
    workloads = {
        "5 policies × 6 statements": one_principal(5, 6),
        "10 policies × 60 statements": one_principal(10, 60),
        "10 statements": one_principal(1, 10),
        "10,000 statements": one_principal(100, 100),
        "1,000 principals, 200 shared policies": many_principals(1000),
        "who can, 10,000 principals": who_can(10_000),
    }
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, workload in workloads.items():
            path = Path(folder) / "workload.json"
            path.write_text(json.dumps({"workload": name, **workload}), encoding="utf-8")
            done = subprocess.run(
                [sys.executable, "-m", "engine", "bench", str(path)], capture_output=True, text=True, check=True
            )
            figures = json.loads(done.stdout.strip().splitlines()[-1])
            rows.append((name, *(shown(figures.get(key)) for key in KEYS)))
    table(("workload", *KEYS), rows)


KEYS = ("decisions_per_s", "p50_us", "p99_us", "cold_decisions_per_s", "load_ms", "rss_engine_mb")


def shown(figure: Any) -> str:
    return "–" if figure is None else f"{figure:,.0f}" if figure >= 100 else f"{figure:.2f}"


class Dice(random.Random):
    """Policies and requests that meet often enough to be interesting."""

    def action(self) -> str:
        return f"{self.choice(list(SERVICES))}:{self.choice(VERBS)}{self.choice(NOUNS)}"

    def resource(self, service: str) -> str:
        return f"{SERVICES[service]}name{self.randrange(200)}/part{self.randrange(20)}"

    def statement(self) -> dict[str, Any]:
        service = self.choice(list(SERVICES))
        action = f"{service}:{self.choice(VERBS)}{self.choice(['*', *NOUNS])}"
        resource = self.resource(service)
        pattern = self.choice(
            [resource, resource.rpartition("/")[0] + "/*", f"{SERVICES[service]}*", f"*{resource[-8:]}"]
        )
        statement: dict[str, Any] = {
            "Effect": "Deny" if self.random() < 0.1 else "Allow",
            "Action": action,
            "Resource": pattern,
        }
        if self.random() < 0.3:
            statement["Condition"] = self.choice(
                [
                    {"StringEquals": {"aws:PrincipalTag/team": ["ops", "dev"]}},
                    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
                    {"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "10.0.0.0/8"]}},
                ]
            )
        return statement

    def document(self, statements: int) -> dict[str, Any]:
        return {"Version": "2012-10-17", "Statement": [self.statement() for _ in range(statements)]}

    def request(self, principal: str) -> dict[str, Any]:
        action = self.action()
        context = {
            "aws:SourceIp": f"192.0.2.{self.randrange(255)}",
            "aws:MultiFactorAuthPresent": self.choice(["true", "false"]),
        }
        return {
            "principal": principal,
            "action": action,
            "resource": self.resource(action.partition(":")[0]),
            "context": context,
        }


def one_principal(policies: int, statements: int) -> dict[str, Any]:
    dice = Dice(3)
    arn = f"{USER}0"
    documents = [{"name": f"p{number}", "document": dice.document(statements)} for number in range(policies)]
    return {
        "kind": "decide",
        "principals": {arn: {"identity_policies": documents, "permission_boundary": None}},
        "requests": [dice.request(arn) for _ in range(400)],
    }


def principals(number: int, dice: Dice) -> dict[str, Any]:
    shared = [{"name": f"shared{n}", "document": dice.document(6)} for n in range(200)]
    return {
        f"{USER}{n}": {
            "identity_policies": [*dice.sample(shared, 3), {"name": f"inline{n}", "document": dice.document(2)}],
            "permission_boundary": None,
        }
        for n in range(number)
    }


def many_principals(number: int) -> dict[str, Any]:
    dice = Dice(5)
    made = principals(number, dice)
    return {
        "kind": "decide",
        "principals": made,
        "requests": [dice.request(dice.choice(list(made))) for _ in range(3000)],
    }


def who_can(number: int) -> dict[str, Any]:
    dice = Dice(7)
    made = principals(number, dice)
    queries = [{key: value for key, value in dice.request(USER).items() if key != "principal"} for _ in range(20)]
    return {"kind": "reverse", "principals": made, "queries": queries}
