"""The gate: validate, authorise, run, record; and a record that nobody can alter."""

import json

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from accounts.operations.users import create_user, delete_user, get_user
from operations.errors import AccessDenied, EntityAlreadyExists, NoSuchEntity, ValidationError
from operations.gate import one_change
from operations.models import AppendOnly, Event, Ledger
from operations.stamps import stamp


def test_a_change_is_made_and_recorded(admin, last_event):
    answer = create_user(admin, user_name="Dora", path="/ops/", tags=[{"Key": "team", "Value": "ops"}])
    assert answer["User"]["Arn"] == "arn:aws:iam::123456789012:user/ops/Dora"
    record = last_event()
    assert record["eventName"] == "CreateUser"
    assert record["userIdentity"]["userName"] == "alice"
    assert record["requestParameters"]["userName"] == "Dora"
    assert record["decision"]["outcome"] == "allowed"
    assert record["after"]["tags"] == {"team": "ops"}
    assert "before" not in record


def test_the_contract_gathers_every_failure_in_one_sentence(admin):
    with pytest.raises(ValidationError) as refused:
        create_user(admin, user_name="no spaces", path="nowhere")
    assert refused.value.message == (
        "2 validation errors detected: Value at 'userName' failed to satisfy constraint: Member must satisfy regular expression "
        "pattern: [\\w+=,.@-]+; Value at 'path' failed to satisfy constraint: Member must satisfy regular expression pattern: "
        "(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)"
    )
    assert not User.objects.filter(name="no spaces").exists()


def test_a_denial_names_the_action_and_is_recorded(nobody, last_event):
    with pytest.raises(AccessDenied) as refused:
        create_user(nobody, user_name="dora")
    assert refused.value.message == (
        "User: arn:aws:iam::123456789012:user/bob is not authorized to perform: iam:CreateUser on resource: "
        "arn:aws:iam::123456789012:user/dora because no identity-based policy allows the iam:CreateUser action"
    )
    record = last_event()
    assert record["errorCode"] == "AccessDenied"
    assert record["errorMessage"] == refused.value.message
    assert record["decision"]["outcome"] == "implicitDeny"


def test_a_failure_changes_nothing_and_is_recorded(admin, last_event):
    create_user(admin, user_name="dora")
    with pytest.raises(EntityAlreadyExists, match="User with name DORA already exists"):
        create_user(admin, user_name="DORA")
    assert last_event()["errorCode"] == "EntityAlreadyExists"
    assert User.objects.filter(name_key="dora").count() == 1


def test_who_may_not_ask_does_not_learn_what_exists(nobody, admin):
    create_user(admin, user_name="dora")
    sentences = set()
    for name in ("dora", "nobody-of-that-name"):
        with pytest.raises(AccessDenied) as refused:
            get_user(nobody, user_name=name)
        sentences.add(refused.value.message.replace(name, "X"))
    assert len(sentences) == 1


def test_every_write_moves_the_policy_stamp_and_a_read_does_not(admin):
    before = stamp("123456789012")
    create_user(admin, user_name="dora")
    after = stamp("123456789012")
    assert after[0] == before[0] + 1
    get_user(admin, user_name="dora")
    assert stamp("123456789012") == after


def test_several_operations_are_one_change(admin):
    with pytest.raises(NoSuchEntity), one_change():
        create_user(admin, user_name="dora")
        delete_user(admin, user_name="missing")
    assert not User.objects.filter(name="dora").exists()
    assert list(Event.objects.order_by("id").values_list("name", "error_code")) == [("DeleteUser", "NoSuchEntity")]


def test_an_event_cannot_be_altered_through_the_orm(admin):
    create_user(admin, user_name="dora")
    event = Event.objects.get()
    for attempt in (event.save, event.delete, Event.objects.all().delete, lambda: Event.objects.update(name="x")):
        with pytest.raises(AppendOnly):
            attempt()


@pytest.mark.parametrize("statement", ["UPDATE operations_event SET name = 'x'", "DELETE FROM operations_event"])
def test_an_event_cannot_be_altered_by_sql(admin, statement):
    create_user(admin, user_name="dora")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Event.objects.get().name == "CreateUser"


def test_the_chain_links_each_event_to_the_one_before(admin):
    create_user(admin, user_name="dora")
    get_user(admin, user_name="dora")
    first, second = Event.objects.order_by("sequence")
    assert (first.sequence, second.sequence) == (1, 2)
    assert second.previous_hash == first.hash
    assert Ledger.objects.get().head == second.hash
    assert json.loads(second.record)["readOnly"] is True
