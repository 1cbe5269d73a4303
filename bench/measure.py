"""Timing and counting: medians over repeated calls, and the queries of one call."""

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """What one call costs: median and 95th percentile in milliseconds, the number of its queries, and the median of this process's
    own computing time, which other work on the machine does not lengthen (a database server's is not in it).
    """

    median_ms: float
    p95_ms: float
    queries: int
    cpu_ms: float


def measure(call: Callable[[int], Any], repeats: int = 60) -> Figure:
    """Call with 0, 1, 2 …; the first three calls warm up and do not count."""
    for number in range(3):
        call(-1 - number)
    times, computing = [], []
    for number in range(repeats):
        start, start_cpu = time.perf_counter(), time.process_time()
        call(number)
        times.append((time.perf_counter() - start) * 1000)
        computing.append((time.process_time() - start_cpu) * 1000)
    return Figure(
        statistics.median(times),
        sorted(times)[int(len(times) * 0.95) - 1],
        count_queries(lambda: call(repeats)),
        statistics.median(computing),
    )


def count_queries(call: Callable[[], Any]) -> int:
    """The statements of one call that ask or change rows; transaction marks do not count."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        call()
    marks = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
    return sum(not query["sql"].upper().startswith(marks) for query in captured.captured_queries)


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows under a head, columns aligned."""
    lines = [
        [str(cell) for cell in head],
        *[[f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows],
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for number, line in enumerate(lines):
        print(
            "  ".join(
                cell.ljust(width) if not column else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(line, widths, strict=True))
            )
        )
        if not number:
            print("  ".join("-" * width for width in widths))
