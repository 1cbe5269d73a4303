"""Reports that are kept, requests for access, and measurements."""

from governance.models.access_job import AccessJob
from governance.models.access_request import AccessRequest
from governance.models.credential_report import CredentialReport
from governance.models.privilege_sample import PrivilegeSample

__all__ = ["AccessJob", "AccessRequest", "CredentialReport", "PrivilegeSample"]
