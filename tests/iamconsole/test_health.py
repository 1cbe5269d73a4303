"""Health tells the truth."""

import pytest
from django.db import DatabaseError

from iamconsole import health


def test_the_process_answers_without_a_database(client):
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_ready_when_the_database_answers(client):
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_not_ready_when_the_database_does_not_answer(client, monkeypatch):
    def fail():
        raise DatabaseError("gone")

    monkeypatch.setattr(health.connection, "ensure_connection", fail)
    assert client.get("/readyz").status_code == 503


@pytest.mark.django_db
def test_not_ready_when_a_migration_is_missing(client, monkeypatch):
    monkeypatch.setattr(health, "_migrated", False)
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda *_: ["waiting"])
    response = client.get("/readyz")
    assert (response.status_code, response.json()["status"]) == (503, "migrations are missing")
