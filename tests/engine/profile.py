"""How hypothesis runs here: without deadlines, the same examples every time, and few enough for twenty seconds in all."""

from hypothesis import HealthCheck, settings

_steady = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
often = settings(_steady, max_examples=80)
rarely = settings(_steady, max_examples=12)
