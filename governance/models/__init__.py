"""Reports that are kept."""

from governance.models.access_job import AccessJob
from governance.models.credential_report import CredentialReport

__all__ = ["AccessJob", "CredentialReport"]
