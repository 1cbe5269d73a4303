"""Settings of gunicorn: bounded requests, workers that are renewed, no connection shared between processes."""

import sys
from typing import Any

worker_class = "iamconsole.worker.Worker" if sys.platform == "linux" else "iamconsole.worker.PortableWorker"
threads = 4
timeout = 60
graceful_timeout = 20
keepalive = 5
max_requests = 50_000
max_requests_jitter = 5_000
sendfile = False  # it would pass by the bound to the time in which an answer must be taken
limit_request_line = 8190
limit_request_fields = 100
accesslog = None
forwarded_allow_ips = ""
control_socket_disable = True  # nobody needs a second door into the server


def post_fork(server: Any, worker: Any) -> None:
    """A worker opens its own database connections: one that was open before the fork must not be shared."""
    from django.db import connections  # noqa: PLC0415 - settings are configured by then

    connections.close_all()


def post_worker_init(worker: Any) -> None:
    """A worker that is ready keeps the journal of its reads, carries out what is scheduled, and shares its work among as many threads
    as the database's answers take.
    """
    from iamconsole import nearness, schedule  # noqa: PLC0415 - Django is set up by then
    from operations import journal  # noqa: PLC0415

    worker.regulars = nearness.threads()
    journal.start()
    schedule.start()


def worker_exit(server: Any, worker: Any) -> None:
    """What a worker has read is in the record before it is gone."""
    from iamconsole import schedule  # noqa: PLC0415
    from operations import journal  # noqa: PLC0415

    schedule.stop()
    journal.stop()
