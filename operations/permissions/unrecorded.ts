/** Reasons for allowed actions that a rehearsal may not record. */
interface Reason {
  readonly why: string;
  readonly actions: string;
}

const REASONS: readonly Reason[] = [
  {
    why: "Alarms may be added, changed and removed at any time; these reach the stack's own alarms, topic and event subscriptions.",
    actions:
      "cloudwatch:DescribeAlarms cloudwatch:ListTagsForResource cloudwatch:PutMetricAlarm cloudwatch:DeleteAlarms " +
      "cloudwatch:TagResource sns:GetTopicAttributes sns:ListTagsForResource sns:GetSubscriptionAttributes " +
      "sns:CreateTopic sns:DeleteTopic sns:SetTopicAttributes sns:Subscribe sns:Unsubscribe sns:TagResource " +
      "rds:DescribeEventSubscriptions rds:CreateEventSubscription rds:ModifyEventSubscription " +
      "rds:DeleteEventSubscription rds:AddSourceIdentifierToSubscription rds:RemoveSourceIdentifierFromSubscription",
  },
  {
    why: "A tag is removed from the settings.",
    actions:
      "cloudwatch:UntagResource ec2:DeleteTags elasticache:RemoveTagsFromResource iam:UntagInstanceProfile iam:UntagRole kms:UntagResource " +
      "logs:UntagResource rds:RemoveTagsFromResource secretsmanager:UntagResource sns:UntagResource",
  },
  {
    why: "A client, a parameter, a replica, the subnets, the class, the version or the type of an instance changes.",
    actions:
      "ec2:ModifySecurityGroupRules ec2:StartInstances ec2:StopInstances rds:CreateDBInstanceReadReplica rds:ModifyDBSubnetGroup " +
      "rds:ResetDBParameterGroup elasticache:DescribeCacheParameterGroups elasticache:DescribeCacheParameters " +
      "elasticache:CreateCacheParameterGroup elasticache:ModifyCacheParameterGroup " +
      "elasticache:ResetCacheParameterGroup elasticache:DeleteCacheParameterGroup elasticache:ModifyCacheCluster " +
      "elasticache:ModifyReplicationGroup elasticache:IncreaseReplicaCount elasticache:DecreaseReplicaCount " +
      "elasticache:ModifyCacheSubnetGroup elasticache:ModifyUser elasticache:ModifyUserGroup",
  },
  {
    why: "A key, a description or a trust policy changes; the provider moves the staging labels of a secret's versions.",
    actions:
      "kms:UpdateAlias kms:UpdateKeyDescription kms:PutKeyPolicy kms:DisableKeyRotation iam:UpdateRole " +
      "iam:UpdateAssumeRolePolicy logs:AssociateKmsKey logs:DisassociateKmsKey secretsmanager:UpdateSecret " +
      "secretsmanager:UpdateSecretVersionStage iam:DeleteRolePolicy",
  },
  {
    why: "AWS checks it when a service acts for the caller. The emulator does not.",
    actions:
      "iam:CreateServiceLinkedRole kms:CreateGrant kms:Decrypt kms:Encrypt kms:GenerateDataKey " +
      "kms:GenerateDataKeyWithoutPlaintext kms:ReEncryptFrom kms:ReEncryptTo elasticache:CreateSnapshot " +
      "logs:CreateLogDelivery logs:GetLogDelivery logs:UpdateLogDelivery logs:DeleteLogDelivery " +
      "logs:ListLogDeliveries logs:PutResourcePolicy logs:DescribeResourcePolicies",
  },
  {
    why: "Preflight reads a default only if the account has no quota.",
    actions: "servicequotas:GetAWSDefaultServiceQuota",
  },
  {
    why: "The emulator is one account and has neither backups to restore nor blue/green deployments.",
    actions:
      "sts:AssumeRole rds:RestoreDBInstanceFromDBSnapshot rds:RestoreDBInstanceToPointInTime " +
      "rds:DescribeBlueGreenDeployments rds:CreateBlueGreenDeployment rds:SwitchoverBlueGreenDeployment " +
      "rds:DeleteBlueGreenDeployment " +
      "rds:DescribeDBSnapshots rds:DescribeDBInstanceAutomatedBackups elasticache:DescribeSnapshots",
  },
];

/**
 * Actions that the policies allow and a rehearsal does not always record, and why. An action that is neither recorded
 * nor here fails the rehearsal.
 */
export const UNRECORDED: ReadonlyMap<string, string> = new Map(
  REASONS.flatMap(({ why, actions }) => actions.split(" ").map((action) => [action, why] as const)),
);
