"""Services of AWS that have service-linked roles: the role's name and policy, and whether a suffix may be added to the name.

Source: the services' own guides («Using service-linked roles») and the AWS managed policies under /aws-service-role/.
"""

from collections.abc import Mapping
from typing import NamedTuple


class LinkedService(NamedTuple):
    """What a service's linked role is called and may do."""

    role: str
    policy: str
    takes_suffix: bool = False


_SCALING = "AWSServiceRoleForApplicationAutoScaling"

SERVICES: Mapping[str, LinkedService] = {
    f"{prefix}.amazonaws.com": LinkedService(*linked)  # type: ignore[arg-type]
    for prefix, linked in {
        "access-analyzer": ("AWSServiceRoleForAccessAnalyzer", "AccessAnalyzerServiceRolePolicy"),
        "autoscaling": ("AWSServiceRoleForAutoScaling", "AutoScalingServiceRolePolicy", True),
        "backup": ("AWSServiceRoleForBackup", "AWSBackupServiceLinkedRolePolicyForBackup"),
        "batch": ("AWSServiceRoleForBatch", "BatchServiceRolePolicy"),
        "budgets": ("AWSServiceRoleForBudgets", "BudgetsServiceRolePolicy"),
        "cloud9": ("AWSServiceRoleForAWSCloud9", "AWSCloud9ServiceRolePolicy"),
        "cloudhsm": ("AWSServiceRoleForCloudHSM", "CloudHSMServiceRolePolicy"),
        "cloudtrail": ("AWSServiceRoleForCloudTrail", "CloudTrailServiceRolePolicy"),
        "config": ("AWSServiceRoleForConfig", "AWSConfigServiceRolePolicy"),
        "connect": ("AWSServiceRoleForAmazonConnect", "AmazonConnectServiceLinkedRolePolicy", True),
        "dax": ("AWSServiceRoleForDAX", "DAXServiceRolePolicy"),
        "dynamodb.application-autoscaling": (
            f"{_SCALING}_DynamoDBTable",
            "AWSApplicationAutoscalingDynamoDBTablePolicy",
        ),
        "ec2fleet": ("AWSServiceRoleForEC2Fleet", "AWSEC2FleetServiceRolePolicy"),
        "ecs": ("AWSServiceRoleForECS", "AmazonECSServiceRolePolicy"),
        "ecs.application-autoscaling": (f"{_SCALING}_ECSService", "AWSApplicationAutoscalingECSServicePolicy"),
        "eks": ("AWSServiceRoleForAmazonEKS", "AmazonEKSServiceRolePolicy"),
        "eks-fargate": ("AWSServiceRoleForAmazonEKSForFargate", "AmazonEKSForFargateServiceRolePolicy"),
        "eks-nodegroup": ("AWSServiceRoleForAmazonEKSNodegroup", "AWSServiceRoleForAmazonEKSNodegroup"),
        "elasticache": ("AWSServiceRoleForElastiCache", "ElastiCacheServiceRolePolicy"),
        "elasticbeanstalk": ("AWSServiceRoleForElasticBeanstalk", "AWSElasticBeanstalkServiceRolePolicy"),
        "elasticfilesystem": ("AWSServiceRoleForAmazonElasticFileSystem", "AmazonElasticFileSystemServiceRolePolicy"),
        "elasticloadbalancing": ("AWSServiceRoleForElasticLoadBalancing", "AWSElasticLoadBalancingServiceRolePolicy"),
        "elasticmapreduce": ("AWSServiceRoleForEMRCleanup", "AmazonEMRCleanupPolicy"),
        "es": ("AWSServiceRoleForAmazonElasticsearchService", "AmazonElasticsearchServiceRolePolicy"),
        "fms": ("AWSServiceRoleForFMS", "FMSServiceRolePolicy"),
        "fsx": ("AWSServiceRoleForAmazonFSx", "AmazonFSxServiceRolePolicy"),
        "guardduty": ("AWSServiceRoleForAmazonGuardDuty", "AmazonGuardDutyServiceRolePolicy"),
        "inspector2": ("AWSServiceRoleForAmazonInspector2", "AmazonInspector2ServiceRolePolicy"),
        "kafka": ("AWSServiceRoleForKafka", "KafkaServiceRolePolicy"),
        "lex": ("AWSServiceRoleForLexBots", "LexBotPolicy"),
        "lexv2": ("AWSServiceRoleForLexV2Bots", "AmazonLexV2BotPolicy", True),
        "macie": ("AWSServiceRoleForAmazonMacie", "AmazonMacieServiceRolePolicy"),
        "mq": ("AWSServiceRoleForAmazonMQ", "AmazonMQServiceRolePolicy"),
        "opensearchservice": ("AWSServiceRoleForAmazonOpenSearchService", "AmazonOpenSearchServiceRolePolicy"),
        "ops.apigateway": ("AWSServiceRoleForAPIGateway", "APIGatewayServiceRolePolicy"),
        "organizations": ("AWSServiceRoleForOrganizations", "AWSOrganizationsServiceTrustPolicy"),
        "rds": ("AWSServiceRoleForRDS", "AmazonRDSServiceRolePolicy"),
        "redshift": ("AWSServiceRoleForRedshift", "AmazonRedshiftServiceLinkedRolePolicy"),
        "replication.dynamodb": ("AWSServiceRoleForDynamoDBReplication", "DynamoDBReplicationServiceRolePolicy"),
        "replication.ecr": ("AWSServiceRoleForECRReplication", "ECRReplicationServiceRolePolicy"),
        "securityhub": ("AWSServiceRoleForSecurityHub", "AWSSecurityHubServiceRolePolicy"),
        "shield": ("AWSServiceRoleForAWSShield", "AWSShieldServiceRolePolicy"),
        "spot": ("AWSServiceRoleForEC2Spot", "AWSEC2SpotServiceRolePolicy"),
        "spotfleet": ("AWSServiceRoleForEC2SpotFleet", "AWSEC2SpotFleetServiceRolePolicy"),
        "ssm": ("AWSServiceRoleForAmazonSSM", "AmazonSSMServiceRolePolicy"),
        "sso": ("AWSServiceRoleForSSO", "AWSSSOServiceRolePolicy"),
        "support": ("AWSServiceRoleForSupport", "AWSSupportServiceRolePolicy"),
        "transitgateway": ("AWSServiceRoleForVPCTransitGateway", "AWSVPCTransitGatewayServiceRolePolicy"),
        "trustedadvisor": ("AWSServiceRoleForTrustedAdvisor", "AWSTrustedAdvisorServiceRolePolicy"),
        "wafv2": ("AWSServiceRoleForWAFV2Logging", "WAFV2LoggingServiceRolePolicy"),
    }.items()
}
