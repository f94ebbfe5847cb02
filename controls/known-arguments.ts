/**
 * The known arguments of each type of block, nested blocks by dotted path. `*` stands for any keys of a map. MDS.19
 * reports everything else as unknown. To teach the catalogue a new resource type or argument, add it here and, if it
 * can weaken anything, add a control or a check for it.
 */
export const KNOWN_ARGUMENTS: Readonly<Record<string, string>> = {
  aws_cloudwatch_log_group: "kms_key_id name retention_in_days",
  aws_cloudwatch_metric_alarm:
    "alarm_actions alarm_description alarm_name comparison_operator dimensions.* evaluation_periods " +
    "metric_name namespace ok_actions period statistic threshold treat_missing_data",
  aws_db_event_subscription: "depends_on event_categories name sns_topic source_ids source_type",
  aws_db_instance:
    "allocated_storage allow_major_version_upgrade apply_immediately auto_minor_version_upgrade " +
    "availability_zone backup_retention_period backup_window blue_green_update.enabled ca_cert_identifier " +
    "copy_tags_to_snapshot database_insights_mode db_name db_subnet_group_name delete_automated_backups " +
    "deletion_protection depends_on enabled_cloudwatch_logs_exports engine engine_lifecycle_support " +
    "engine_version final_snapshot_identifier iam_database_authentication_enabled identifier " +
    "instance_class iops kms_key_id lifecycle.ignore_changes lifecycle.prevent_destroy " +
    "lifecycle.replace_triggered_by maintenance_window max_allocated_storage monitoring_interval monitoring_role_arn multi_az " +
    "option_group_name parameter_group_name password_wo password_wo_version performance_insights_enabled " +
    "performance_insights_kms_key_id performance_insights_retention_period port publicly_accessible " +
    "replicate_source_db restore_to_point_in_time.restore_time " +
    "restore_to_point_in_time.source_dbi_resource_id restore_to_point_in_time.use_latest_restorable_time " +
    "skip_final_snapshot snapshot_identifier storage_encrypted storage_throughput storage_type username " +
    "vpc_security_group_ids",
  aws_db_parameter_group:
    "description family lifecycle.create_before_destroy name_prefix parameter.apply_method parameter.name " +
    "parameter.value",
  aws_db_security_group: "name",
  aws_db_subnet_group: "description name subnet_ids",
  aws_elasticache_cluster:
    "apply_immediately auto_minor_version_upgrade availability_zone cluster_id depends_on engine engine_version " +
    "final_snapshot_identifier lifecycle.ignore_changes lifecycle.prevent_destroy log_delivery_configuration.destination " +
    "log_delivery_configuration.destination_type log_delivery_configuration.log_format " +
    "log_delivery_configuration.log_type maintenance_window node_type num_cache_nodes " +
    "parameter_group_name port security_group_ids snapshot_name snapshot_retention_limit snapshot_window " +
    "subnet_group_name",
  aws_elasticache_parameter_group:
    "description family lifecycle.create_before_destroy name parameter.name parameter.value",
  aws_elasticache_replication_group:
    "apply_immediately at_rest_encryption_enabled auto_minor_version_upgrade automatic_failover_enabled " +
    "depends_on description engine engine_version final_snapshot_identifier kms_key_id lifecycle.ignore_changes lifecycle.prevent_destroy " +
    "log_delivery_configuration.destination log_delivery_configuration.destination_type " +
    "log_delivery_configuration.log_format log_delivery_configuration.log_type maintenance_window " +
    "multi_az_enabled node_type num_cache_clusters parameter_group_name port preferred_cache_cluster_azs " +
    "replication_group_id security_group_ids snapshot_name snapshot_retention_limit snapshot_window " +
    "subnet_group_name transit_encryption_enabled transit_encryption_mode user_group_ids",
  aws_elasticache_subnet_group: "description name subnet_ids",
  aws_elasticache_user: "authentication_mode.type",
  aws_iam_instance_profile: "name role",
  aws_iam_openid_connect_provider: "client_id_list url",
  aws_iam_policy: "description name policy",
  aws_iam_role: "assume_role_policy description max_session_duration name",
  aws_iam_role_policy: "name policy role",
  aws_iam_role_policy_attachment: "policy_arn role",
  aws_instance:
    "ami associate_public_ip_address credit_specification.cpu_credits depends_on ebs_optimized " +
    "iam_instance_profile instance_type lifecycle.ignore_changes metadata_options.http_endpoint " +
    "metadata_options.http_put_response_hop_limit metadata_options.http_tokens root_block_device.encrypted " +
    "root_block_device.volume_type subnet_id tags.* vpc_security_group_ids",
  aws_kms_alias: "name target_key_id",
  aws_kms_key: "description enable_key_rotation lifecycle.prevent_destroy policy",
  aws_s3_bucket: "bucket lifecycle.prevent_destroy",
  aws_s3_bucket_lifecycle_configuration:
    "bucket depends_on rule.abort_incomplete_multipart_upload.days_after_initiation rule.filter.prefix " +
    "rule.id rule.noncurrent_version_expiration.noncurrent_days rule.status",
  aws_s3_bucket_logging: "bucket target_bucket target_prefix",
  aws_s3_bucket_notification: "bucket eventbridge",
  aws_s3_bucket_object_lock_configuration: "bucket",
  aws_s3_bucket_ownership_controls: "bucket rule.object_ownership",
  aws_s3_bucket_policy: "bucket depends_on policy",
  aws_s3_bucket_public_access_block:
    "block_public_acls block_public_policy bucket ignore_public_acls restrict_public_buckets",
  aws_s3_bucket_replication_configuration: "bucket",
  aws_s3_bucket_server_side_encryption_configuration:
    "bucket rule.apply_server_side_encryption_by_default.kms_master_key_id " +
    "rule.apply_server_side_encryption_by_default.sse_algorithm rule.bucket_key_enabled",
  aws_s3_bucket_versioning:
    "bucket versioning_configuration.mfa_delete versioning_configuration.status",
  aws_secretsmanager_secret: "description kms_key_id name_prefix recovery_window_in_days",
  aws_secretsmanager_secret_rotation: "secret_id",
  aws_secretsmanager_secret_version:
    "lifecycle.replace_triggered_by secret_id secret_string_wo secret_string_wo_version",
  aws_security_group: "description lifecycle.create_before_destroy name tags.* vpc_id",
  aws_sns_topic: "kms_master_key_id name",
  aws_sns_topic_policy: "arn policy",
  aws_sns_topic_subscription: "endpoint protocol topic_arn",
  aws_ssm_parameter: "key_id type",
  aws_vpc_security_group_egress_rule:
    "cidr_ipv4 description from_port ip_protocol security_group_id to_port",
  aws_vpc_security_group_ingress_rule:
    "cidr_ipv4 cidr_ipv6 count description from_port ip_protocol lifecycle.create_before_destroy lifecycle.ignore_changes prefix_list_id " +
    "referenced_security_group_id security_group_id to_port",
  "data.aws_caller_identity": "",
  "data.aws_iam_policy_document":
    "statement.actions statement.condition.test statement.condition.values statement.condition.variable " +
    "statement.effect statement.principals.identifiers statement.principals.type statement.resources " +
    "statement.sid",
  "data.aws_security_groups": "filter.name filter.values",
  "data.aws_ssm_parameter": "name",
  "data.aws_subnets": "filter.name filter.values",
  "data.aws_vpc": "default id",
  "ephemeral.aws_secretsmanager_random_password":
    "exclude_characters password_length require_each_included_type",
  "ephemeral.aws_secretsmanager_secret_version": "secret_id version_id",
  output: "value value.*",
  "provider.aws":
    "1 allowed_account_ids assume_role.external_id assume_role.role_arn assume_role.session_name " +
    "default_tags.tags.* profile region",
  "terraform.backend.local": "path",
  "terraform.backend.s3":
    "allowed_account_ids assume_role.external_id assume_role.role_arn assume_role.session_name bucket " +
    "encrypt key kms_key_id profile region use_lockfile",
  terraform_data: "triggers_replace.*",
};
