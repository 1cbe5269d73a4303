"""Reports that are kept, and requests for access."""

from governance.models.access_job import AccessJob
from governance.models.access_request import AccessRequest
from governance.models.credential_report import CredentialReport

__all__ = ["AccessJob", "AccessRequest", "CredentialReport"]
