"""`python -m engine bench WORKLOAD.json`: how fast the engine decides, and what it decided.

Timed is from the request as a dict to the decision. The environment may say how long (`BENCH_BUDGET_S`), how often
(`BENCH_REPEATS`), and with `BENCH_CACHE=1` that decisions are kept by the context values that candidate statements read.
"""

from __future__ import annotations

import gc
import json
import os
import resource as process
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from time import perf_counter, perf_counter_ns
from typing import Any, Final

from engine.document import Policy
from engine.evaluate import evaluate
from engine.json_tree import PolicySyntaxError
from engine.policies import NOT_CONSIDERED, NamedPolicy, Policies
from engine.request import Principal, Request
from engine.reverse import WhoCan

_WORDS: Final = {"allowed": "allow", "explicitDeny": "explicit_deny", "implicitDeny": "implicit_deny"}
_ENOUGH_S: Final = 0.02
_MANY_REPEATS: Final = 50
_MANY_LATENCIES: Final = 100_000
Caller = tuple[Principal, Policies]


def main(path: str) -> int:
    """Measure a workload and print the figures as the last line."""
    try:
        workload = json.loads(Path(path).read_bytes())
        result = measured(workload)
    except OSError as error:
        sys.stderr.write(f"{path}: {error.strerror}\n")
        return 2
    except (ValueError, KeyError, TypeError, PolicySyntaxError) as error:
        sys.stderr.write(f"{path}: {error}\n")
        return 2
    sys.stdout.write(json.dumps(result) + "\n")
    return 0


def measured(workload: dict[str, Any]) -> dict[str, Any]:
    """The figures of a workload. Raises KeyError, TypeError or ValueError where it is none."""
    before = _resident_mb()
    started = perf_counter()
    callers = _callers(workload["principals"])
    if workload.get("kind") == "reverse":
        run, count, answers = _reverse(callers, workload["queries"])
    else:
        for _, policies in callers.values():
            policies.prepare()
        run, count, answers = _decide(callers, workload["requests"])
    load_ms = (perf_counter() - started) * 1000
    gc.collect()
    gc.freeze()
    cold = _seconds(lambda: run(None))
    repeats = max(5, int(os.environ.get("BENCH_REPEATS", "5")))
    budget = float(os.environ.get("BENCH_BUDGET_S", "10"))
    started = perf_counter()
    rates = _rates(run, count, repeats, budget / 2)
    resident = _resident_mb() - before
    latencies = _latencies(run, started + budget)
    return {
        "workload": workload.get("workload"),
        "decisions_per_s": round(median(rates)),
        "p50_us": _percentile(latencies, 50),
        "p99_us": _percentile(latencies, 99),
        "cold_decisions_per_s": round(count / cold) if cold else 0,
        "load_ms": round(load_ms, 3),
        "rss_engine_mb": round(resident, 2),
        "decisions": answers(),
    }


def _callers(given: Mapping[str, Any]) -> dict[str, Caller]:
    documents: dict[str, Policy] = {}
    cached = os.environ.get("BENCH_CACHE") == "1"
    callers = {}
    for arn, holdings in given.items():
        identity = []
        for each in holdings.get("identity_policies") or ():
            policy = documents.get(each["name"])
            if policy is None:
                policy = documents[each["name"]] = Policy.from_value(each["document"])
            identity.append(NamedPolicy(each["name"], policy, "identity"))
        boundary = holdings.get("permission_boundary")
        boundaries = () if boundary is None else (Policy.from_value(boundary),)
        policies = Policies(identity, NOT_CONSIDERED, boundaries, cache_decisions=cached)
        callers[arn] = (Principal.from_arn(arn), policies)
    return callers


Run = Callable[[list[int] | None], object]


def _decide(callers: dict[str, Caller], requests: list[dict[str, Any]]) -> tuple[Run, int, Callable[[], list[Any]]]:
    outcomes: list[str] = []

    def run(latencies: list[int] | None) -> None:
        outcomes.clear()
        if latencies is None:
            for asked in requests:
                principal, policies = callers[asked["principal"]]
                request = Request(principal, asked["action"], asked["resource"], asked["context"])
                outcomes.append(evaluate(request, policies).outcome)
            return
        for asked in requests:
            started = perf_counter_ns()
            principal, policies = callers[asked["principal"]]
            request = Request(principal, asked["action"], asked["resource"], asked["context"])
            outcomes.append(evaluate(request, policies).outcome)
            latencies.append(perf_counter_ns() - started)

    for asked in requests:
        asked["context"] = asked.get("context") or {}
        if asked["principal"] not in callers:
            callers[asked["principal"]] = (Principal.from_arn(asked["principal"]), Policies(resource=NOT_CONSIDERED))
    return run, len(requests), lambda: [_WORDS[outcome] for outcome in outcomes]


def _reverse(callers: dict[str, Caller], queries: list[dict[str, Any]]) -> tuple[Run, int, Callable[[], list[Any]]]:
    who = WhoCan({arn: policies for arn, (_, policies) in callers.items()})
    found: list[list[str]] = []

    def run(latencies: list[int] | None) -> None:
        found.clear()
        for asked in queries:
            started = perf_counter_ns()
            found.append(who.ask(asked["action"], asked["resource"], asked.get("context") or {}))
            if latencies is not None:
                latencies.append(perf_counter_ns() - started)

    return run, len(queries), lambda: list(found)


def _rates(run: Run, count: int, repeats: int, budget: float) -> list[float]:
    """Decisions a second, several times over."""
    rates: list[float] = []
    started = perf_counter()
    while len(rates) < repeats or (len(rates) < _MANY_REPEATS and perf_counter() < started + budget):
        passes, seconds = 0, 0.0
        while seconds < _ENOUGH_S:
            seconds += _seconds(lambda: run(None))
            passes += 1
        rates.append(count * passes / seconds)
    return rates


def _latencies(run: Run, end: float) -> list[int]:
    """The nanoseconds of each decision."""
    latencies: list[int] = []
    while not latencies or (len(latencies) < _MANY_LATENCIES and perf_counter() < end):
        run(latencies)
    return latencies


def _seconds(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def _percentile(latencies: list[int], percent: int) -> float:
    ordered = sorted(latencies)
    return round(ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] / 1000, 3)


def _resident_mb() -> float:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return process.getrusage(process.RUSAGE_SELF).ru_maxrss / 1024
    return pages * process.getpagesize() / 1_048_576
