"""Checks of what emulator/emulator.py adds to moto, each named as the function that closes its gap.

    python3 __tests__/integration/terraform/emulator_gaps.py plain|closed [NAME…]

`plain` runs them on moto as it is, `closed` on the emulator. Prints as JSON, for each name, null or what failed.
"""

import importlib.util
import json
import os
import sys
import threading
import time
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import Client

os.environ.update(AWS_ACCESS_KEY_ID="emulated", AWS_SECRET_ACCESS_KEY="emulated", AWS_DEFAULT_REGION="us-east-1")
os.environ.pop("AWS_ENDPOINT_URL", None)
EMULATOR = Path(__file__).parents[3] / "emulator" / "emulator.py"
# It imports what is beside it.
sys.path.insert(0, str(EMULATOR.parent))
CHECKS = {}


def check(function):
    CHECKS[function.__name__] = function
    return function


def client(service):
    return boto3.client(service, config=Config(retries={"total_max_attempts": 1}))


def refusal(call, **arguments):
    """The code with which AWS refuses a call."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def equal(found, expected):
    assert found == expected, f"{found!r} is not {expected!r}"


def database(name="one", **arguments):
    smallest = {"DBInstanceClass": "db.t3.micro", "Engine": "postgres", "EngineVersion": "15", "AllocatedStorage": 20}
    user = {"MasterUsername": "newsadmin", "MasterUserPassword": "not-a-password"}
    client("rds").create_db_instance(DBInstanceIdentifier=name, **{**smallest, **user, **arguments})


def described_database(name="one"):
    return client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def cluster(name="one", **arguments):
    smallest = {"CacheNodeType": "cache.t3.micro", "Engine": "redis", "EngineVersion": "7.0", "NumCacheNodes": 1}
    return client("elasticache").create_cache_cluster(CacheClusterId=name, **{**smallest, **arguments})["CacheCluster"]


def described_cluster(name="one"):
    clusters = client("elasticache").describe_cache_clusters(CacheClusterId=name, ShowCacheNodeInfo=True)
    return clusters["CacheClusters"][0]


def replication_group(name="group", **arguments):
    smallest = {"CacheNodeType": "cache.t3.micro", "Engine": "redis", "EngineVersion": "7.1", "NumCacheClusters": 2}
    secure = {"TransitEncryptionEnabled": True, "AtRestEncryptionEnabled": True, "AutomaticFailoverEnabled": True}
    return client("elasticache").create_replication_group(
        ReplicationGroupId=name, ReplicationGroupDescription="The cache", **{**smallest, **secure, **arguments}
    )["ReplicationGroup"]


def described_group(name="group"):
    groups = client("elasticache").describe_replication_groups(ReplicationGroupId=name)
    return groups["ReplicationGroups"][0]


@check
def one_request_at_a_time():
    inside = []
    together = []

    def answer(_environ, _start_response):
        inside.append(None)
        time.sleep(0.05)
        together.append(len(inside))
        inside.pop()
        return []

    application = DomainDispatcherApplication(lambda _service: answer)
    request = {"HTTP_HOST": "rds.us-east-1.amazonaws.com", "PATH_INFO": "/", "REQUEST_METHOD": "GET"}
    threads = [threading.Thread(target=application, args=(request, None)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    equal(together, [1, 1, 1, 1])


@check
def managed_policies():
    iam = client("iam")
    iam.create_role(RoleName="monitoring", AssumeRolePolicyDocument="{}")
    policy = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
    iam.attach_role_policy(RoleName="monitoring", PolicyArn=policy)
    [attached] = iam.list_attached_role_policies(RoleName="monitoring")["AttachedPolicies"]
    equal(attached["PolicyArn"], policy)


@check
def several_databases():
    database()
    database("two")
    client("rds").create_db_instance_read_replica(DBInstanceIdentifier="three", SourceDBInstanceIdentifier="one")
    ids = {described_database(name)["DbiResourceId"] for name in ("one", "two", "three")}
    equal(len(ids), 3)
    for resource_id in ids:
        found = client("rds").describe_db_instances(Filters=[{"Name": "dbi-resource-id", "Values": [resource_id]}])
        equal(len(found["DBInstances"]), 1)


@check
def read_replicas():
    rds = client("rds")
    logs = {"EnableCloudwatchLogsExports": ["postgresql"]}
    database(MultiAZ=True, DeletionProtection=True, CopyTagsToSnapshot=True, **logs)
    rds.create_db_instance_read_replica(DBInstanceIdentifier="two", SourceDBInstanceIdentifier="one")
    found = described_database("two")
    equal((found["MultiAZ"], found["DeletionProtection"], found["CopyTagsToSnapshot"]), (False, False, False))
    equal((found["MonitoringInterval"], found["PerformanceInsightsEnabled"]), (0, False))
    equal(found.get("EnabledCloudwatchLogsExports", []), [])
    asked = {"MultiAZ": True, "MonitoringInterval": 60, "MonitoringRoleArn": "arn:aws:iam::123456789012:role/monitoring"}
    source = {"SourceDBInstanceIdentifier": "one"}
    rds.create_db_instance_read_replica(DBInstanceIdentifier="three", **source, **asked, **logs)
    found = described_database("three")
    equal({name: found[name] for name in asked}, asked)
    change = {"DisableLogTypes": ["postgresql"]}
    rds.modify_db_instance(DBInstanceIdentifier="three", CloudwatchLogsExportConfiguration=change)
    equal(described_database("one")["EnabledCloudwatchLogsExports"], ["postgresql"])
    rename = {"ApplyImmediately": True}
    rds.modify_db_instance(DBInstanceIdentifier="one", NewDBInstanceIdentifier="first", **rename)
    rds.modify_db_instance(DBInstanceIdentifier="two", NewDBInstanceIdentifier="second", **rename)
    equal(described_database("second")["ReadReplicaSourceDBInstanceIdentifier"], "first")
    equal(described_database("first")["ReadReplicaDBInstanceIdentifiers"], ["second", "three"])
    rds.delete_db_instance(DBInstanceIdentifier="second", SkipFinalSnapshot=True)
    equal(described_database("first")["ReadReplicaDBInstanceIdentifiers"], ["three"])


@check
def touching_windows():
    windows = {
        ("03:00-04:00", "sun:04:00-sun:05:00"): None,
        ("05:00-06:00", "sun:04:00-sun:05:00"): None,
        ("03:00-04:00", "sun:23:30-mon:00:30"): None,
        ("03:00-04:00", "sun:03:59-sun:05:00"): "InvalidParameterValue",
        ("04:59-06:00", "sun:04:00-sun:05:00"): "InvalidParameterValue",
        ("23:00-00:30", "sun:00:00-sun:01:00"): "InvalidParameterValue",
        ("00:00-00:30", "sun:23:30-mon:00:30"): "InvalidParameterValue",
        ("04:15-04:45", "sun:04:00-sun:05:00"): "InvalidParameterValue",
        ("03:30-05:30", "sun:04:00-sun:05:00"): "InvalidParameterValue",
        ("03:00-04:00", "sun:04:00-sun:04:29"): "InvalidParameterValue",
        ("03:00-03:30", "sun:04:00-mon:04:00"): "InvalidParameterValue",
        ("03:00-04:00", "sun:04:00"): "InvalidParameterValue",
        ("3am", "sun:04:00-sun:05:00"): "InvalidParameterValue",
    }
    for index, ((backup, maintenance), code) in enumerate(windows.items()):
        asked = {"PreferredBackupWindow": backup, "PreferredMaintenanceWindow": maintenance}
        found = refusal(database, name=f"database-{index}", **asked)
        assert found == code, f"{asked}: {found} is not {code}"
    later = {"DBInstanceIdentifier": "database-0", "PreferredBackupWindow": "03:00-04:01"}
    equal(refusal(client("rds").modify_db_instance, **later), "InvalidParameterValue")


@check
def db_parameters_read_back():
    rds = client("rds")
    rds.create_db_parameter_group(DBParameterGroupName="group", DBParameterGroupFamily="postgres15", Description="Ours")
    force_ssl = {"ParameterName": "rds.force_ssl", "ParameterValue": "1", "ApplyMethod": "immediate"}
    rds.modify_db_parameter_group(DBParameterGroupName="group", Parameters=[force_ssl])
    equal(rds.describe_db_parameters(DBParameterGroupName="group")["Parameters"], [{**force_ssl, "Source": "user"}])
    equal(len(rds.describe_db_parameters(DBParameterGroupName="group", Source="user")["Parameters"]), 1)
    equal(rds.describe_db_parameters(DBParameterGroupName="group", Source="system")["Parameters"], [])
    rds.reset_db_parameter_group(DBParameterGroupName="group", Parameters=[force_ssl])
    equal(rds.describe_db_parameters(DBParameterGroupName="group")["Parameters"], [])
    equal(refusal(rds.describe_db_parameters, DBParameterGroupName="none"), "DBParameterGroupNotFound")


@check
def db_instance_read_back():
    database()
    found = described_database()
    equal(found["EngineLifecycleSupport"], "open-source-rds-extended-support")
    equal(found["PerformanceInsightsEnabled"], False)
    assert "PerformanceInsightsRetentionPeriod" not in found
    equal((found["MonitoringInterval"], found["DatabaseInsightsMode"]), (0, "standard"))
    equal(found["CACertificateIdentifier"], "rds-ca-rsa2048-g1")
    extended = "open-source-rds-extended-support-disabled"
    asked = {"EngineLifecycleSupport": extended, "PerformanceInsightsRetentionPeriod": 465}
    asked["DatabaseInsightsMode"] = "advanced"
    watched = {"MonitoringInterval": 60, "MonitoringRoleArn": "arn:aws:iam::123456789012:role/monitoring"}
    database("two", EnablePerformanceInsights=True, **asked, **watched)
    found = described_database("two")
    equal({name: found[name] for name in {**asked, **watched}}, {**asked, **watched})
    equal(found["PerformanceInsightsEnabled"], True)
    client("rds").modify_db_instance(DBInstanceIdentifier="two", EnablePerformanceInsights=False, DBPortNumber=5433)
    found = described_database("two")
    equal((found["PerformanceInsightsEnabled"], found["Endpoint"]["Port"]), (False, 5433))
    assert "KmsKeyId" not in found
    database("three", StorageEncrypted=True)
    key = client("kms").describe_key(KeyId="alias/aws/rds")["KeyMetadata"]["Arn"]
    equal(described_database("three")["KmsKeyId"], key)


@check
def managed_password():
    database(MasterUserPassword="", ManageMasterUserPassword=True)
    secret = described_database()["MasterUserSecret"]["SecretArn"]
    modify = client("rds").modify_db_instance
    modify(DBInstanceIdentifier="one", ManageMasterUserPassword=True)
    equal(described_database()["MasterUserSecret"]["SecretArn"], secret)
    modify(DBInstanceIdentifier="one", ManageMasterUserPassword=False, MasterUserPassword="not-a-password")
    assert "MasterUserSecret" not in described_database()
    modify(DBInstanceIdentifier="one", ManageMasterUserPassword=True)
    assert described_database()["MasterUserSecret"]["SecretArn"] != secret


@check
def event_subscription_modification():
    database()
    database("two")
    rds = client("rds")
    topic, other = (client("sns").create_topic(Name=name)["TopicArn"] for name in ("one", "two"))
    events = {"SubscriptionName": "events", "SourceType": "db-instance"}
    rds.create_event_subscription(**events, SnsTopicArn=topic, SourceIds=["one"], EventCategories=["failure"])
    rds.modify_event_subscription(**events, SnsTopicArn=other, EventCategories=["failure", "failover"], Enabled=False)
    rds.add_source_identifier_to_subscription(SubscriptionName="events", SourceIdentifier="two")
    rds.remove_source_identifier_from_subscription(SubscriptionName="events", SourceIdentifier="one")
    (found,) = rds.describe_event_subscriptions(SubscriptionName="events")["EventSubscriptionsList"]
    shown = [found[name] for name in ("SnsTopicArn", "EventCategoriesList", "SourceIdsList", "Enabled")]
    equal(shown, [other, ["failure", "failover"], ["two"], False])
    absent = {"SubscriptionName": "none", "SourceIdentifier": "one"}
    equal(refusal(rds.add_source_identifier_to_subscription, **absent), "SubscriptionNotFound")
    absent = {"SubscriptionName": "events", "SourceIdentifier": "none"}
    equal(refusal(rds.add_source_identifier_to_subscription, **absent), "SourceNotFound")


@check
def database_offers():
    rds = client("rds")
    every = rds.describe_db_engine_versions(Engine="postgres", IncludeAll=True)["DBEngineVersions"]
    status = {one["EngineVersion"]: one["Status"] for one in every}
    equal((status["15.17"], status["15.4"]), ("available", "deprecated"))
    available = rds.describe_db_engine_versions(Engine="postgres")["DBEngineVersions"]
    assert "15.4" not in [one["EngineVersion"] for one in available]
    pages = rds.get_paginator("describe_orderable_db_instance_options").paginate(Engine="postgres", EngineVersion="15.17")
    classes = {option["DBInstanceClass"] for page in pages for option in page["OrderableDBInstanceOptions"]}
    assert "db.t3.micro" in classes and "db.z1d.large" not in classes


@check
def cache_offers():
    elasticache = client("elasticache")
    versions = elasticache.describe_cache_engine_versions(Engine="valkey")["CacheEngineVersions"]
    assert "8.0" in [one["EngineVersion"] for one in versions]
    offerings = elasticache.describe_reserved_cache_nodes_offerings()["ReservedCacheNodesOfferings"]
    assert "cache.t3.micro" in [one["CacheNodeType"] for one in offerings]


@check
def database_quotas():
    database()
    quotas = client("rds").describe_account_attributes()["AccountQuotas"]
    equal({one["AccountQuotaName"]: one["Used"] for one in quotas}, {"DBInstances": 1, "AllocatedStorage": 20})


@check
def cache_quotas():
    quota = client("service-quotas").get_service_quota(ServiceCode="elasticache", QuotaCode="L-DFE45DF3")["Quota"]
    equal(quota["Value"], 300)


@check
def rule_descriptions():
    ec2 = client("ec2")
    ours, theirs, others = (
        ec2.create_security_group(GroupName=name, Description=name)["GroupId"] for name in ("ours", "theirs", "others")
    )
    port = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432}
    pair = {"GroupId": theirs, "Description": "api to the database"}

    def rules():
        found = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [ours]}])
        return [rule for rule in found["SecurityGroupRules"] if not rule["IsEgress"]]

    ec2.authorize_security_group_ingress(GroupId=ours, IpPermissions=[{**port, "UserIdGroupPairs": [pair]}])
    [rule] = rules()
    equal(rule["Description"], "api to the database")
    equal(rule["ReferencedGroupInfo"]["GroupId"], theirs)
    again = [{**port, "UserIdGroupPairs": [{"GroupId": theirs}]}]
    twice = refusal(ec2.authorize_security_group_ingress, GroupId=ours, IpPermissions=again)
    equal(twice, "InvalidPermission.Duplicate")

    def modify(**source):
        new = {**port, "Description": "changed", **source}
        change = {"SecurityGroupRuleId": rule["SecurityGroupRuleId"], "SecurityGroupRule": new}
        return ec2.modify_security_group_rules(GroupId=ours, SecurityGroupRules=[change])

    equal(refusal(modify, CidrIpv4="10.0.0.0/16"), "InvalidParameterValue")
    modify(ReferencedGroupId=others)
    [found] = rules()
    equal((found["Description"], found["ReferencedGroupInfo"]["GroupId"]), ("changed", others))
    [shown] = ec2.describe_security_groups(GroupIds=[ours])["SecurityGroups"][0]["IpPermissions"]
    equal([(pair["GroupId"], pair["Description"]) for pair in shown["UserIdGroupPairs"]], [(others, "changed")])
    without = [{**port, "UserIdGroupPairs": [{"GroupId": others}]}]
    ec2.revoke_security_group_ingress(GroupId=ours, IpPermissions=without)
    network = {"CidrIp": "10.0.0.0/16", "Description": "network"}
    prefixes = {"PrefixListId": "pl-0123456789abcdef0", "Description": "prefixes"}
    both = [{**port, "IpRanges": [network], "PrefixListIds": [prefixes]}]
    ec2.authorize_security_group_ingress(GroupId=ours, IpPermissions=both)
    equal(sorted(rule["Description"] for rule in rules()), ["network", "prefixes"])


@check
def volume_of_an_image():
    ec2 = client("ec2")
    root = {"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": True, "VolumeType": "gp3"}}
    ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, BlockDeviceMappings=[root])
    [volume] = ec2.describe_volumes()["Volumes"]
    equal((volume["Encrypted"], volume["Size"]), (True, 8))


@check
def groups_of_a_network_interface():
    ec2 = client("ec2")
    group = ec2.create_security_group(GroupName="one", Description="one")["GroupId"]
    interface = {"DeviceIndex": 0, "Groups": [group]}
    ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, NetworkInterfaces=[interface])
    [instance] = ec2.describe_instances()["Reservations"][0]["Instances"]
    equal([one["GroupId"] for one in instance["SecurityGroups"]], [group])


@check
def cache_nodes():
    assert "CacheNodes" not in cluster(SecurityGroupIds=["sg-0123456789abcdef0"], Port=6380)
    found = described_cluster()
    [node] = found["CacheNodes"]
    equal(node["Endpoint"], {"Address": "one.moto01.0001.use1.cache.amazonaws.com", "Port": 6380})
    equal(node["CustomerAvailabilityZone"], "us-east-1a")
    equal(found["SecurityGroups"], [{"SecurityGroupId": "sg-0123456789abcdef0", "Status": "active"}])
    equal(found["CacheParameterGroup"]["CacheParameterGroupName"], "default.redis7")
    equal(found["EngineVersion"], "7.0.7")
    without = client("elasticache").describe_cache_clusters(CacheClusterId="one")["CacheClusters"][0]
    assert "CacheNodes" not in without
    cluster("without-groups")
    [default] = client("ec2").describe_security_groups(GroupNames=["default"])["SecurityGroups"]
    equal([group["SecurityGroupId"] for group in described_cluster("without-groups")["SecurityGroups"]], [default["GroupId"]])


@check
def cache_deletion_ends():
    elasticache = client("elasticache")
    cluster()
    elasticache.delete_cache_cluster(CacheClusterId="one", FinalSnapshotIdentifier="last-of-one")
    equal(refusal(elasticache.describe_cache_clusters, CacheClusterId="one"), "CacheClusterNotFound")
    replication_group()
    equal(refusal(elasticache.delete_cache_cluster, CacheClusterId="group-001"), "InvalidCacheClusterState")
    elasticache.delete_replication_group(ReplicationGroupId="group", FinalSnapshotIdentifier="last-of-group")
    equal(refusal(elasticache.describe_replication_groups, ReplicationGroupId="group"), "ReplicationGroupNotFoundFault")
    equal(elasticache.describe_cache_clusters()["CacheClusters"], [])
    equal([s["SnapshotName"] for s in elasticache.describe_snapshots()["Snapshots"]], ["last-of-one", "last-of-group"])


@check
def cache_modification():
    elasticache = client("elasticache")
    cluster()
    elasticache.modify_cache_cluster(CacheClusterId="one", SnapshotRetentionLimit=3, CacheNodeType="cache.t3.small")
    found = described_cluster()
    equal((found["SnapshotRetentionLimit"], found["CacheNodeType"]), (3, "cache.t3.micro"))
    equal(found["PendingModifiedValues"], {"CacheNodeType": "cache.t3.small"})
    elasticache.modify_cache_cluster(CacheClusterId="one", EngineVersion="7.1", ApplyImmediately=True)
    found = described_cluster()
    equal((found["EngineVersion"], found["CacheNodeType"]), ("7.1.0", "cache.t3.small"))
    equal(found["PendingModifiedValues"], {})
    missing = {"CacheClusterId": "one", "CacheParameterGroupName": "none"}
    equal(refusal(elasticache.modify_cache_cluster, **missing), "CacheParameterGroupNotFound")
    equal(refusal(elasticache.modify_cache_cluster, CacheClusterId="one", NumCacheNodes=2), "InvalidParameterValue")
    equal(refusal(elasticache.modify_cache_cluster, CacheClusterId="none"), "CacheClusterNotFound")


@check
def cache_subnet_groups():
    elasticache = client("elasticache")
    subnets = [subnet["SubnetId"] for subnet in client("ec2").describe_subnets()["Subnets"]]
    group = {"CacheSubnetGroupName": "group", "CacheSubnetGroupDescription": "Ours"}
    elasticache.create_cache_subnet_group(**group, SubnetIds=subnets)
    elasticache.modify_cache_subnet_group(CacheSubnetGroupName="group", SubnetIds=subnets[:2])
    [found] = elasticache.describe_cache_subnet_groups(CacheSubnetGroupName="group")["CacheSubnetGroups"]
    equal([subnet["SubnetIdentifier"] for subnet in found["Subnets"]], subnets[:2])
    equal(found["CacheSubnetGroupDescription"], "Ours")
    cluster(CacheSubnetGroupName="group")
    equal(refusal(elasticache.delete_cache_subnet_group, CacheSubnetGroupName="group"), "CacheSubnetGroupInUse")
    elasticache.delete_cache_cluster(CacheClusterId="one")
    elasticache.delete_cache_subnet_group(CacheSubnetGroupName="group")
    missing = refusal(elasticache.describe_cache_subnet_groups, CacheSubnetGroupName="group")
    equal(missing, "CacheSubnetGroupNotFoundFault")


@check
def cache_parameter_groups():
    elasticache = client("elasticache")
    group = {"CacheParameterGroupName": "group"}
    family = {"CacheParameterGroupFamily": "redis7", "Description": "Ours"}
    elasticache.create_cache_parameter_group(**group, **family)
    equal(refusal(elasticache.create_cache_parameter_group, **group, **family), "CacheParameterGroupAlreadyExists")
    wrong = {**family, "CacheParameterGroupFamily": "redis9", "CacheParameterGroupName": "wrong"}
    equal(refusal(elasticache.create_cache_parameter_group, **wrong), "InvalidParameterValue")
    policy = {"ParameterName": "maxmemory-policy", "ParameterValue": "allkeys-lru"}
    elasticache.modify_cache_parameter_group(**group, ParameterNameValues=[policy])
    [found] = elasticache.describe_cache_parameters(**group, Source="user")["Parameters"]
    equal((found["ParameterName"], found["ParameterValue"]), ("maxmemory-policy", "allkeys-lru"))
    equal(elasticache.describe_cache_parameters(**group, Source="system")["Parameters"], [])
    cluster(**group)
    equal(described_cluster()["CacheParameterGroup"]["CacheParameterGroupName"], "group")
    equal(refusal(elasticache.delete_cache_parameter_group, **group), "InvalidCacheParameterGroupState")
    elasticache.delete_cache_cluster(CacheClusterId="one")
    elasticache.reset_cache_parameter_group(**group, ParameterNameValues=[policy])
    equal(elasticache.describe_cache_parameters(**group)["Parameters"], [])
    elasticache.delete_cache_parameter_group(**group)
    equal(refusal(elasticache.describe_cache_parameter_groups, **group), "CacheParameterGroupNotFound")


@check
def replication_group_members():
    group = replication_group(SecurityGroupIds=["sg-0123456789abcdef0"], SnapshotRetentionLimit=7)
    equal(group["MemberClusters"], ["group-001", "group-002"])
    [shard] = group["NodeGroups"]
    assert shard["PrimaryEndpoint"]["Address"].startswith("master.group.")
    assert shard["ReaderEndpoint"]["Address"].startswith("replica.group.")
    for member in group["MemberClusters"]:
        found = described_cluster(member)
        equal((found["ReplicationGroupId"], found["EngineVersion"]), ("group", "7.1.0"))
        equal((found["TransitEncryptionEnabled"], found["AtRestEncryptionEnabled"]), (True, True))
        equal([one["SecurityGroupId"] for one in found["SecurityGroups"]], ["sg-0123456789abcdef0"])
    alone = client("elasticache").describe_cache_clusters(ShowCacheClustersNotInReplicationGroups=True)
    equal(alone["CacheClusters"], [])


@check
def replication_group_modification():
    elasticache = client("elasticache")
    replication_group()
    group = {"ReplicationGroupId": "group"}
    window = {"PreferredMaintenanceWindow": "sun:05:00-sun:06:00", "SnapshotRetentionLimit": 7}
    elasticache.modify_replication_group(**group, ReplicationGroupDescription="Changed", **window)
    equal((described_group()["Description"], described_group()["SnapshotRetentionLimit"]), ("Changed", 7))
    equal(described_cluster("group-002")["PreferredMaintenanceWindow"], "sun:05:00-sun:06:00")
    elasticache.modify_replication_group(**group, CacheNodeType="cache.t3.small", ApplyImmediately=True)
    for one in (described_group(), described_cluster("group-001")):
        equal(one["CacheNodeType"], "cache.t3.small")
    delivery = {
        "LogType": "slow-log",
        "DestinationType": "cloudwatch-logs",
        "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": "slow"}},
        "LogFormat": "json",
    }
    elasticache.modify_replication_group(**group, LogDeliveryConfigurations=[{**delivery, "Enabled": True}])
    equal(described_group()["LogDeliveryConfigurations"], [{**delivery, "Status": "active"}])
    off = {"LogType": "slow-log", "Enabled": False}
    elasticache.modify_replication_group(**group, LogDeliveryConfigurations=[off])
    equal(described_group()["LogDeliveryConfigurations"], [])
    elasticache.increase_replica_count(**group, NewReplicaCount=2, ApplyImmediately=True)
    equal(described_group()["MemberClusters"], ["group-001", "group-002", "group-003"])
    equal(described_cluster("group-003")["CacheNodeType"], "cache.t3.small")
    elasticache.decrease_replica_count(**group, NewReplicaCount=1, ApplyImmediately=True)
    equal(described_group()["MemberClusters"], ["group-001", "group-002"])
    equal(refusal(elasticache.describe_cache_clusters, CacheClusterId="group-003"), "CacheClusterNotFound")
    none = {"NewReplicaCount": 0, "ApplyImmediately": True}
    equal(refusal(elasticache.decrease_replica_count, **group, **none), "InvalidParameterValue")
    alone = {"AutomaticFailoverEnabled": False, "MultiAZEnabled": True}
    equal(refusal(elasticache.modify_replication_group, **group, **alone), "InvalidParameterCombination")
    equal(refusal(elasticache.modify_replication_group, **group, UserGroupIdsToAdd=["none"]), "UserGroupNotFound")


@check
def user_groups():
    elasticache = client("elasticache")
    iam = {"UserId": "api", "UserName": "api", "Engine": "redis", "AccessString": "on ~* +@read"}
    elasticache.create_user(**iam, AuthenticationMode={"Type": "iam"}, NoPasswordRequired=False)
    group = {"UserGroupId": "group"}
    equal(refusal(elasticache.create_user_group, **group, Engine="redis", UserIds=["api"]), "DefaultUserRequired")
    equal(refusal(elasticache.create_user_group, **group, Engine="redis", UserIds=["none"]), "UserNotFound")
    elasticache.create_user_group(**group, Engine="redis", UserIds=["default"])
    elasticache.modify_user_group(**group, UserIdsToAdd=["api"])
    replication_group(UserGroupIds=["group"])
    [found] = elasticache.describe_user_groups(**group)["UserGroups"]
    equal((found["Status"], found["UserIds"], found["ReplicationGroups"]), ("active", ["default", "api"], ["group"]))
    elasticache.modify_user(UserId="api", AccessString="on ~* +@all")
    [user] = elasticache.describe_users(UserId="api")["Users"]
    equal((user["AccessString"], user["Authentication"]["Type"]), ("on ~* +@all", "iam"))
    equal(user["UserGroupIds"], ["group"])
    equal(refusal(elasticache.delete_user_group, **group), "InvalidUserGroupState")
    equal(refusal(elasticache.delete_user, UserId="default"), "DefaultUserAssociatedToUserGroup")
    elasticache.delete_user(UserId="api")
    equal(elasticache.describe_user_groups(**group)["UserGroups"][0]["UserIds"], ["default"])
    elasticache.modify_replication_group(ReplicationGroupId="group", UserGroupIdsToRemove=["group"])
    elasticache.delete_user_group(**group)
    equal(refusal(elasticache.describe_user_groups, **group), "UserGroupNotFound")


@check
def authentication_of_users():
    elasticache = client("elasticache")
    user = {"UserId": "nobody", "UserName": "nobody", "Engine": "redis", "AccessString": "off -@all"}
    mode = {"Type": "no-password-required"}
    elasticache.create_user(**user, AuthenticationMode=mode, NoPasswordRequired=False)
    equal(elasticache.describe_users(UserId="nobody")["Users"][0]["Authentication"], {"Type": "no-password"})
    elasticache.create_user(**{**user, "UserId": "one", "UserName": "one"}, Passwords=["sixteen-letters-or-more"])
    [one] = elasticache.describe_users(UserId="one")["Users"]
    equal(one["Authentication"], {"Type": "password", "PasswordCount": 1})


@check
def tags_of_cache_groups():
    elasticache = client("elasticache")
    for kind in ("user", "usergroup", "parametergroup"):
        arn = f"arn:aws:elasticache:us-east-1:123456789012:{kind}:one"
        elasticache.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "stack", "Value": "cache"}])
        equal(elasticache.list_tags_for_resource(ResourceName=arn)["TagList"], [{"Key": "stack", "Value": "cache"}])


@check
def sessions_of_systems_manager():
    ssm = client("ssm")
    [instance] = client("ec2").run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)["Instances"]
    session = ssm.start_session(Target=instance["InstanceId"])
    equal(sorted(set(session) - {"ResponseMetadata"}), ["SessionId", "StreamUrl", "TokenValue"])
    equal(refusal(ssm.start_session, Target="i-0123456789abcdef0"), "TargetNotConnected")
    equal(ssm.terminate_session(SessionId=session["SessionId"])["SessionId"], session["SessionId"])


@check
def policy_conditions():
    s3 = client("s3")
    s3.create_bucket(Bucket="states")
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::states/*"}
    tls_only = {**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    s3.put_bucket_policy(Bucket="states", Policy=json.dumps({"Version": "2012-10-17", "Statement": [tls_only]}))
    s3.put_object(Bucket="states", Key="state", Body=b"{}")
    equal(s3.get_object(Bucket="states", Key="state")["Body"].read(), b"{}")
    server = Client(DomainDispatcherApplication(create_backend_app))
    signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=one/20260101/us-east-1/s3/aws4_request"}
    for scheme, status in (("https", 200), ("http", 403)):
        answer = server.put("/states/state", base_url=f"{scheme}://127.0.0.1", data=b"{}", headers=signed)
        equal((scheme, answer.status_code), (scheme, status))


def result(function):
    try:
        with mock_aws():
            function()
    except Exception as error:  # whatever way moto fails, it is a gap
        return f"{type(error).__name__}: {error}"
    return None


def gaps():
    spec = importlib.util.spec_from_file_location("emulator", EMULATOR)
    emulator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(emulator)
    return emulator


if __name__ == "__main__":
    mode, *names = sys.argv[1:]
    emulator = gaps()
    assert list(CHECKS) == list(emulator.GAPS), "each gap has one check, in the same order"
    if mode == "closed":
        emulator.close_gaps()
    print(json.dumps({name: result(CHECKS[name]) for name in names or CHECKS}, indent=2))
