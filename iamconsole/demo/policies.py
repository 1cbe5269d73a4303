"""The customer managed policies of the sample organisation: documents as people write them, with their habits and mistakes."""

from typing import Any

Statement = dict[str, Any]


def allow(actions: Any, resources: Any, sid: str = "", **conditions: Any) -> Statement:
    return _statement("Allow", sid, actions, resources, conditions)


def deny(actions: Any, resources: Any, sid: str = "", **conditions: Any) -> Statement:
    return _statement("Deny", sid, actions, resources, conditions)


def _statement(effect: str, sid: str, actions: Any, resources: Any, conditions: dict[str, Any]) -> Statement:
    statement: Statement = {"Sid": sid} if sid else {}
    statement |= {"Effect": effect, "Action": actions, "Resource": resources}
    return statement | ({"Condition": conditions} if conditions else {})


OWN = "arn:aws:iam::*:user/people/${aws:username}"  # the path is part of the ARN
LAKE = ["arn:aws:s3:::harborlane-lake", "arn:aws:s3:::harborlane-lake/*"]

POLICIES: dict[str, tuple[str, list[Statement]]] = {
    "ManageOwnCredentials": (
        "Everybody looks after their own password, keys and MFA devices",
        [
            allow(["iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices"], "*", "ViewAccountInfo"),
            allow(["iam:ChangePassword", "iam:GetUser"], OWN, "OwnPassword"),
            allow(
                ["iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:ListAccessKeys", "iam:UpdateAccessKey"],
                OWN,
                "OwnKeys",
            ),
            allow("iam:CreateVirtualMFADevice", "arn:aws:iam::*:mfa/*", "OwnDevice"),
            allow(
                ["iam:DeactivateMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice"],
                OWN,
                "OwnMFA",
            ),
        ],
    ),
    "PlatformIdentity": (
        "Platform engineers manage workload roles, never people",
        [
            allow(["iam:Get*", "iam:List*", "iam:SimulatePrincipalPolicy"], "*", "Look"),
            allow(
                [
                    "iam:CreateRole",
                    "iam:DeleteRole",
                    "iam:AttachRolePolicy",
                    "iam:DetachRolePolicy",
                    "iam:PutRolePolicy",
                ],
                "arn:aws:iam::*:role/workload/*",
                "WorkloadRoles",
                StringEquals={"iam:PermissionsBoundary": "arn:aws:iam::{account}:policy/boundaries/WorkloadBoundary"},
            ),
            allow(
                "iam:PassRole",
                "arn:aws:iam::*:role/workload/*",
                "PassWorkloadRoles",
                StringLike={"iam:PassedToService": ["ec2.amazonaws.com", "lambda.amazonaws.com"]},
            ),
        ],
    ),
    "QuarantineIdentities": (
        "The security team may stop anybody, at once",
        [
            allow(
                ["iam:UpdateAccessKey", "iam:DeleteLoginProfile", "iam:PutUserPolicy", "iam:PutRolePolicy"], "*", "Stop"
            ),
            deny("iam:*", "arn:aws:iam::*:user/break-glass", "NotBreakGlass"),
        ],
    ),
    "HelpDesk": (
        "Help desk resets passwords and devices of ordinary users",
        [
            allow(
                ["iam:ListUsers", "iam:GetUser", "iam:ListGroupsForUser", "iam:GetLoginProfile", "iam:ListMFADevices"],
                "*",
                "Find",
            ),
            allow(
                ["iam:UpdateLoginProfile", "iam:CreateLoginProfile", "iam:DeactivateMFADevice"],
                "arn:aws:iam::*:user/people/*",
                "Reset",
            ),
            deny("iam:*", "*", "NotForAdministrators", StringEquals={"aws:ResourceTag/tier": "privileged"}),
        ],
    ),
    "GuardFinance": (
        "Ledgers are deleted by nobody without a second factor",
        [
            deny(
                ["s3:Delete*", "s3:PutBucketPolicy"],
                ["arn:aws:s3:::harborlane-ledger-*"],
                "KeepLedgers",
                BoolIfExists={"aws:MultiFactorAuthPresent": "false"},
            )
        ],
    ),
    "LedgerReadWrite": (
        "Books of the company",
        [
            allow(
                ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:DeleteObject"],
                ["arn:aws:s3:::harborlane-ledger-*", "arn:aws:s3:::harborlane-ledger-*/*"],
            )
        ],
    ),
    "LakeReadOnly": (
        "Read the data lake",
        [allow(["s3:Get*", "s3:List*"], LAKE, "Read"), allow(["athena:*", "glue:Get*"], "*", "Query")],
    ),
    "LakeReadWrite": (
        "Write the data lake, except what is under legal hold",
        [
            allow(["s3:Get*", "s3:List*", "s3:PutObject", "s3:DeleteObject"], LAKE, "ReadWrite"),
            deny("s3:DeleteObject", "arn:aws:s3:::harborlane-lake/hold/*", "LegalHold"),
        ],
    ),
    "RunPipelines": (
        "Start and watch pipelines",
        [
            allow(["states:StartExecution", "states:Describe*", "states:List*", "glue:StartJobRun", "glue:Get*"], "*"),
            allow("iam:PassRole", "arn:aws:iam::*:role/workload/pipeline-*", "PassPipelineRoles"),
        ],
    ),
    "WebStaging": (
        "Everything of the web shop's staging",
        [
            allow(
                ["ecs:*", "ecr:*", "elasticloadbalancing:*", "logs:*"],
                "*",
                "Staging",
                StringEquals={"aws:ResourceTag/stage": "staging"},
            ),
            allow(["ecs:List*", "ecs:Describe*", "logs:Get*"], "*", "Look"),
        ],
    ),
    "MobileStaging": (
        "Everything of the app's staging",
        [
            allow(
                ["lambda:*", "apigateway:*", "dynamodb:*"],
                "*",
                "Staging",
                StringEquals={"aws:ResourceTag/stage": "staging"},
            )
        ],
    ),
    "WarehouseQueues": (
        "Queues between warehouse and shop",
        [
            allow(
                ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:GetQueueAttributes"],
                "arn:aws:sqs:eu-central-1:*:warehouse-*",
            )
        ],
    ),
    "OnCallReboot": (
        "What may be done at three in the morning",
        [
            allow(
                [
                    "ec2:RebootInstances",
                    "ec2:StartInstances",
                    "ecs:UpdateService",
                    "lambda:UpdateFunctionConfiguration",
                ],
                "*",
                "Reboot",
                Bool={"aws:MultiFactorAuthPresent": "true"},
            )
        ],
    ),
    "ContractorAccess": (
        "Contractors, from the office and in working order only",
        [
            allow(
                ["codecommit:GitPull", "codecommit:GitPush", "codebuild:StartBuild"],
                "arn:aws:codecommit:*:*:contract-*",
                "Code",
                IpAddress={"aws:SourceIp": ["203.0.113.0/24", "2001:db8:40::/48"]},
            ),
            deny("iam:*", "*", "NoIdentity"),
        ],
    ),
    "BuildArtifacts": (
        "Where builds put what they make",
        [
            allow(["s3:PutObject", "s3:GetObject"], "arn:aws:s3:::harborlane-artifacts/*"),
            allow(["ecr:PutImage", "ecr:GetAuthorizationToken"], "*"),
        ],
    ),
    "DeployProduction": (
        "The one way into production",
        [
            allow(["ecs:UpdateService", "ecs:RegisterTaskDefinition", "cloudformation:*"], "*", "Deploy"),
            allow(
                "iam:PassRole",
                "arn:aws:iam::*:role/workload/*",
                "PassRoles",
                StringEquals={"iam:PassedToService": "ecs-tasks.amazonaws.com"},
            ),
        ],
    ),
    "BackupVault": (
        "Backups are written and never removed",
        [
            allow(["backup:StartBackupJob", "backup:Describe*", "backup:List*"], "*"),
            deny("backup:Delete*", "*", "NeverDelete"),
        ],
    ),
    "MetricsWriter": ("Write metrics", [allow("cloudwatch:PutMetricData", "*", "Write")]),
    "InvoiceExport": (
        "Read ledgers, write invoices",
        [
            allow("s3:GetObject", "arn:aws:s3:::harborlane-ledger-*/*"),
            allow("s3:PutObject", "arn:aws:s3:::harborlane-invoices/${aws:username}/*"),
        ],
    ),
    "EdiGateway": (
        "Messages of partners",
        [allow(["sqs:*"], "arn:aws:sqs:eu-central-1:*:edi-*"), allow("kms:Decrypt", "*")],
    ),
    "CrmSync": (
        "Customer records",
        [
            allow(
                ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:BatchGetItem"], "arn:aws:dynamodb:*:*:table/customers*"
            )
        ],
    ),
    "ReportMailer": (
        "Send reports",
        [
            allow(
                ["ses:SendEmail", "ses:SendRawEmail"],
                "*",
                "Send",
                StringEquals={"ses:FromAddress": "reports@harborlane.example"},
            )
        ],
    ),
    "LegacyFullStorage": ("From the first year; kept until the label printers are replaced", [allow("s3:*", "*")]),
    "TemporaryMigration": ("For the move of March", [allow(["dms:*", "rds:*"], "*")]),
    "WorkloadBoundary": (
        "The most that a workload can ever do",
        [
            allow(
                [
                    "s3:*",
                    "sqs:*",
                    "dynamodb:*",
                    "logs:*",
                    "cloudwatch:*",
                    "kms:Decrypt",
                    "kms:GenerateDataKey",
                    "ecr:*",
                    "sts:GetCallerIdentity",
                ],
                "*",
            ),
            deny(["iam:*", "organizations:*", "account:*"], "*", "NoIdentity"),
        ],
    ),
    "ContractorBoundary": (
        "The most that a contractor can ever do",
        [allow(["codecommit:*", "codebuild:*", "logs:Get*"], "*")],
    ),
}
BOUNDARIES = {"WorkloadBoundary", "ContractorBoundary"}

BOT_POLICIES = {
    "build-bot": "BuildArtifacts",
    "deploy-bot": "DeployProduction",
    "backup-agent": "BackupVault",
    "metrics-collector": "MetricsWriter",
    "invoice-export": "InvoiceExport",
    "label-printer": "LegacyFullStorage",
    "edi-gateway": "EdiGateway",
    "crm-sync": "CrmSync",
    "mobile-ci": "BuildArtifacts",
    "web-ci": "BuildArtifacts",
    "report-mailer": "ReportMailer",
}

# role → trusted service or None for the account's own users with MFA, description, policies
ROLES: dict[str, tuple[str | None, str, tuple[str, ...]]] = {
    "workload/web-shop": ("ecs-tasks.amazonaws.com", "The web shop's tasks", ("CrmSync", "MetricsWriter")),
    "workload/order-service": ("ecs-tasks.amazonaws.com", "Takes orders", ("WarehouseQueues", "MetricsWriter")),
    "workload/pipeline-nightly": ("glue.amazonaws.com", "Nightly load of the lake", ("LakeReadWrite",)),
    "workload/pipeline-hourly": ("glue.amazonaws.com", "Hourly load of the lake", ("LakeReadWrite",)),
    "workload/invoice-renderer": ("lambda.amazonaws.com", "Turns orders into invoices", ("InvoiceExport",)),
    "workload/image-resizer": ("lambda.amazonaws.com", "Pictures of parcels", ("BuildArtifacts",)),
    "workload/edi-worker": ("ec2.amazonaws.com", "Messages of partners", ("EdiGateway",)),
    "workload/backup-runner": ("backup.amazonaws.com", "Runs the backups", ("BackupVault",)),
    "workload/metrics-relay": ("lambda.amazonaws.com", "Relays metrics", ("MetricsWriter",)),
    "production-operator": (None, "Operate production, with a second factor", ("DeployProduction", "OnCallReboot")),
    "incident-commander": (None, "Everything, while an incident lasts", ("AdministratorAccess",)),
    "finance-auditor": (None, "Read the books", ("ViewOnlyAccess",)),
    "data-steward": (None, "Care for the lake", ("LakeReadWrite",)),
    "security-investigator": (None, "Look at everything", ("SecurityAudit", "ViewOnlyAccess")),
    "partner-integration": (None, "For the carrier's engineers", ("WarehouseQueues",)),
}
