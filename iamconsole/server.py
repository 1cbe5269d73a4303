"""Settings of gunicorn: bounded requests, workers that are renewed, no connection shared between processes."""

from typing import Any

worker_class = "gthread"
threads = 4
timeout = 60
graceful_timeout = 20
keepalive = 5
max_requests = 50_000
max_requests_jitter = 5_000
limit_request_line = 8190
limit_request_fields = 100
accesslog = None
forwarded_allow_ips = ""
control_socket_disable = True  # nobody needs a second door into the server


def post_fork(server: Any, worker: Any) -> None:
    """A worker opens its own database connections: one that was open before the fork must not be shared."""
    from django.db import connections  # noqa: PLC0415 - settings are configured by then

    connections.close_all()
