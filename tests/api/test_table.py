"""docs/api.md tells the truth about every operation of AWS IAM and AWS STS."""

import inspect

import pytest
from botocore import xform_name
from django.conf import settings

from api import table
from api.refused import REFUSED
from operations.contract import operation_model, service_model
from operations.gate import REGISTRY

AWS = [f"{service}:{name}" for service in ("iam", "sts") for name in service_model(service).operation_names]


def test_the_table_is_up_to_date():
    text = (settings.BASE_DIR / "docs" / "api.md").read_text(encoding="utf-8")
    assert table.within(text) == text, "run manage.py write_api_table"


def test_every_operation_is_complete_or_refused():
    assert len(AWS) == 191
    assert [name for name in AWS if name not in REGISTRY and name not in REFUSED] == []
    assert len(table.refused()) <= 21
    assert [name for name in REFUSED if name in REGISTRY] == []


def test_a_document_without_the_marks_is_not_touched():
    with pytest.raises(ValueError, match="no place"):
        table.within("# nothing")


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_an_operation_takes_every_parameter_of_its_model(name):
    operation = REGISTRY[name]
    shape = operation_model(operation.service, operation.name).input_shape
    wanted = {xform_name(member) for member in shape.members} if shape else set()
    taken = {
        parameter.name
        for parameter in inspect.signature(operation.function).parameters.values()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    assert wanted <= taken, f"{name} does not take {wanted - taken}"
