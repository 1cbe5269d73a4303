"""What the API answers, before it is a server's or Django's."""

from dataclasses import dataclass

from django.http import HttpResponse


@dataclass(slots=True)
class Answer:
    """A status, headers (nothing that a caller chose, hence no line ends in them) and a body."""

    status: int
    headers: dict[str, str]
    content: bytes = b""

    def as_response(self) -> HttpResponse:
        """The same for Django, which would log every refusal as a warning; the record has them already."""
        response = HttpResponse(self.content, status=self.status, headers=self.headers)
        response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
        return response
