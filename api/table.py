"""The table of all operations in docs/api.md, made from the registry: complete, or refused and why."""

from collections.abc import Iterator

from api.refused import REFUSED
from operations.contract import service_model
from operations.gate import REGISTRY

START, END = "<!-- operations: made by `manage.py write_api_table` -->", "<!-- end of operations -->"
TITLES = {"iam": "AWS IAM (2010-05-08)", "sts": "AWS STS (2011-06-15)", "extension": "Operations of our own"}


def within(text: str) -> str:
    """A document with the table between its marks made anew. Raises ValueError for a document without the marks."""
    head, start, rest = text.partition(START)
    _, end, tail = rest.partition(END)
    if not start or not end:
        raise ValueError("the document has no place for the table")
    return f"{head}{START}\n\n{table()}\n{END}{tail}"


def table() -> str:
    """The tables of the three kinds of operations, with their counts."""
    return "\n".join(line for service in TITLES for line in (*_section(service), ""))


def refused() -> list[str]:
    """The operations of AWS that are refused, by service and name."""
    return sorted(name for name in REFUSED if name not in REGISTRY)


def _section(service: str) -> Iterator[str]:
    names = sorted(service_model(service).operation_names)
    prefix = "iam" if service == "extension" else service
    complete = sum(f"{prefix}:{name}" in REGISTRY for name in names)
    yield f"### {TITLES[service]}"
    yield ""
    yield f"{complete} of {len(names)} complete." if service != "extension" else f"{complete} operations."
    yield ""
    yield "| Operation | |"
    yield "| --- | --- |"
    for name in names:
        yield f"| {name} | {_state(f'{prefix}:{name}')} |"


def _state(name: str) -> str:
    operation = REGISTRY.get(name)
    if operation is None:
        return f"refused: {REFUSED[name].sentence}"
    asked = "" if operation.action == name else f", needs `{operation.action}`"
    return f"complete{asked}"
