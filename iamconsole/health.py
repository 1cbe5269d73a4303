"""Health for whoever runs the console: alive, and ready to serve."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

from accounts.admission import public

_migrated = False


@public
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@public
def readyz(request: HttpRequest) -> JsonResponse:
    """The database answers and its schema is this version's; else 503 and what is wrong."""
    try:
        connection.ensure_connection()
        if not _schema_is_current():
            return JsonResponse({"status": "migrations are missing"}, status=503)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "the database does not answer"}, status=503)
    return JsonResponse({"status": "ok"})


def _schema_is_current() -> bool:
    """Whether no migration waits. Once true it stays true for this process: code and schema change together with a restart."""
    global _migrated  # noqa: PLW0603 - a fact of the process
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated
