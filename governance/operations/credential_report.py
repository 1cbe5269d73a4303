"""GenerateCredentialReport and GetCredentialReport (IAM API Reference)."""

from datetime import timedelta

from accounts import resolve
from governance import credential_report
from governance.models import CredentialReport
from operations.clock import now
from operations.errors import ServiceError
from operations.gate import Call, Result, operation

KEPT = timedelta(hours=4)  # at most one new report in this time; an older one is not given out


class ReportNotPresent(ServiceError):
    code, status = "ReportNotPresent", 410


class ReportExpired(ServiceError):
    code, status = "ReportExpired", 410


@operation("iam:GenerateCredentialReport", on=resolve.whole_account)
def generate_credential_report(call: Call) -> Result:
    """Write a report, unless there is one of the last four hours. It is complete when this answers."""
    report = CredentialReport.objects.filter(account_id=call.account_id).first()
    if report is None or report.generated_at <= now() - KEPT:
        content = credential_report.text(call.account_id)
        CredentialReport.objects.update_or_create(
            account_id=call.account_id, defaults={"content": content, "generated_at": now()}
        )
    return {"State": "COMPLETE"}


@operation("iam:GetCredentialReport", on=resolve.whole_account)
def get_credential_report(call: Call) -> Result:
    """The report of the last four hours. Raises ReportNotPresent, ReportExpired."""
    report = CredentialReport.objects.filter(account_id=call.account_id).first()
    if report is None:
        raise ReportNotPresent("")  # AWS tells the code alone
    if report.generated_at <= now() - KEPT:
        raise ReportExpired("The report has expired. A new report must be generated.")
    return {"Content": report.content.encode(), "ReportFormat": "text/csv", "GeneratedTime": report.generated_at}
