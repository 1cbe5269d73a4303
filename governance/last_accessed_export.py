"""When services were last accessed, as a download: one row a service, as the tab shows them."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.last_accessed import ServiceUse
from governance.queries import accessed
from pages.listing.export import table

SERVICE, NAMESPACE = ("service", _("Service")), ("namespace", _("Service namespace"))
TIME, REGION = ("last_accessed", _("Last accessed")), ("region", _("Region"))
BY, GRANTING = ("accessed_by", _("Accessed by")), ("policies", _("Policies granting permission"))


def download(
    name: str, rows: Sequence[ServiceUse], form: str, *, has_many: bool, shows_granting: bool
) -> StreamingHttpResponse:
    """The services as `csv` or `json`; `has_many` adds everybody who accessed each, `shows_granting` the policies that grant it."""
    columns: list[tuple[str, str | Promise]] = [SERVICE, NAMESPACE, TIME]
    columns += [*([BY] if has_many else []), *([GRANTING] if shows_granting else []), REGION]

    def values(use: ServiceUse) -> Iterator[Any]:
        yield from (use.name, use.prefix, use.last.time if use.last else None)
        if has_many:
            yield list(use.by_principal)
        if shows_granting:
            yield [held.name for held in accessed.granting(use)]
        yield use.last.region if use.last else ""

    return table(f"last-accessed-{name}", columns, (list(values(use)) for use in rows), form)
