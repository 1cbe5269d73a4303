"""Every listing: a page at a time gives what one page gives, the size has AWS's bounds, and markers that are none are refused."""

import base64
import json
from itertools import count
from urllib.parse import urlencode

import pytest
from botocore import xform_name
from botocore.serialize import create_serializer

from operations.contract import service_model
from tests.api import world
from tests.api.declared import arn
from tests.api.sending import error_of, send
from tests.api.test_declared_errors import parameters
from tests.api.test_every_operation import AWS


def members(name: str) -> set[str]:
    service, _, action = name.partition(":")
    shape = service_model(service).operation_model(action).input_shape
    return set(shape.members) if shape is not None else set()


PAGED = [name for name in AWS if {"Marker", "MaxItems"} <= members(name)]
# What somebody may send as a marker: that of another listing, or of none. A page may start there; nothing else may happen.
MARKERS = [
    base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")
    for key in (
        "dora",
        "",
        0,
        1,
        -1,
        2**63,
        10**400,
        1.5,
        True,
        None,
        [],
        ["a"],
        [1, 2, 3],
        {},
        {"a": 1},
        "\x00",
        "\ud800",
        [[[]]],
    )
] + ["x", "===", "ä", "\\", " ", "null", "x" * 320]


@pytest.fixture
def given(account, system, sdk, admin_key):
    """The parameters of a listing without those of paging, in a world that has something to list."""
    prepared = world.made(system)
    # a job is its maker's
    prepared["JobId"] = sdk("iam", admin_key).generate_service_last_accessed_details(Arn=arn("user/dora"))["JobId"]

    def of(name):
        service, _, action = name.partition(":")
        found = parameters(service_model(service).operation_model(action), prepared, {})
        return {key: value for key, value in found.items() if key not in {"Marker", "MaxItems"}}

    return of


def rows(answer: dict) -> list[str]:
    """What a page lists, as texts to compare."""
    lists = [value for value in answer.values() if isinstance(value, list)]
    return [json.dumps(row, default=str, sort_keys=True) for each in lists for row in each]


@pytest.mark.parametrize("names", world.parts(PAGED, 2), ids=count(1))
def test_page_by_page_is_all_at_once(given, sdk, admin_key, names, subtests):
    clients = {service: sdk(service, admin_key) for service in ("iam", "sts")}
    for name in names:
        service, _, action = name.partition(":")
        method, params = getattr(clients[service], xform_name(action)), given(name)
        with subtests.test(name):
            whole = method(**params, MaxItems=1000)
            assert not whole.get("IsTruncated")
            assert "Marker" not in whole
            found, answer = [], method(**params, MaxItems=1)
            for _ in range(len(rows(whole)) + 1):
                found += rows(answer)
                if not answer.get("IsTruncated"):
                    break
                assert len(rows(answer)) == 1
                answer = method(**params, MaxItems=1, Marker=answer["Marker"])
            assert "Marker" not in answer
            assert sorted(found) == sorted(rows(whole))


@pytest.mark.parametrize("names", world.parts(PAGED, 2), ids=count(1))
def test_sizes_and_markers_that_are_none(given, admin_key, names, subtests):
    for name in names:
        service, _, action = name.partition(":")
        model = service_model(service).operation_model(action)
        wire = create_serializer("query", include_validation=False).serialize_to_request(given(name), model)["body"]

        def answer_to(*, service=service, wire=wire, **paging):
            answer = send(urlencode(wire | paging), key=admin_key.key_id, service=service)
            return answer if answer.status_code == 200 else error_of(answer)[:2]

        with subtests.test(name):
            for size in (0, -1, 1001, 2**31 - 1):
                assert answer_to(MaxItems=size) == (400, "ValidationError"), size
            for marker in MARKERS:
                answer = answer_to(Marker=marker)
                assert answer == (400, "ValidationError") or answer.status_code == 200, marker
