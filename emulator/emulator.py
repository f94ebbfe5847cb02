"""An AWS emulator: moto's server, with the gaps closed that affect our stacks.

    python3 emulator/emulator.py -H 127.0.0.1 -p 5000

It prints its endpoint as soon as it listens. `--help` lists the other options, such as TLS.

Each function under @gap closes one gap of moto 5.2.1. The check of the same name in
__tests__/integration/terraform/emulator_gaps.py fails on plain moto; once

    python3 __tests__/integration/terraform/emulator_gaps.py plain NAME

passes, moto has closed the gap: delete the function and its check. The functions here refuse what AWS documents that
it refuses. Other parts of moto stay as lenient as they are, so the emulator is no evidence that AWS accepts an input.
"""

import argparse
import copy
import datetime
import functools
import ipaddress
import json
import os
import re
import signal
import string
import threading
from pathlib import Path

from access import Access
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import has_request_context, request
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.responses import ActionResult, EmptyResult, PaginatedResult
from moto.ec2.exceptions import InvalidParameterValue
from moto.ec2.models import ec2_backends
from moto.ec2.models.instances import Instance
from moto.ec2.models.security_groups import SecurityGroupBackend, SecurityGroupRule
from moto.ec2.responses.instances import InstanceResponse
from moto.elasticache.exceptions import (
    CacheClusterNotFound,
    CacheSubnetGroupNotFound,
    ElastiCacheException,
    InvalidParameterCombinationException,
    InvalidParameterValueException,
    ReplicationGroupNotFound,
    UserNotFound,
)
from moto.elasticache.models import CacheCluster, CacheSubnetGroup, ElastiCacheBackend, ReplicationGroup, User
from moto.elasticache.responses import ElastiCacheResponse
from moto.iam import models as iam
from moto.iam.access_control import IAMPolicyStatement, PermissionResult
from moto.kms.models import kms_backends
from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.rds import models as rds
from moto.rds import utils as rds_utils
from moto.rds.exceptions import RDSClientError
from moto.rds.responses import RDSResponse
from moto.servicequotas.models import ServiceQuotasBackend
from moto.ssm.exceptions import SSMException
from moto.ssm.responses import SimpleSystemManagerResponse
from werkzeug.serving import make_server

GAPS = {}
TURN = threading.Lock()
MAX_REPLICAS = 5
MINUTES_A_DAY = 24 * 60
MINUTES_A_WEEK = 7 * MINUTES_A_DAY


def gap(close):
    """Lists a function that closes one gap."""
    GAPS[close.__name__] = close
    return close


def replaces(cls, name=None):
    """Replaces a method with a function, whose first argument is the original method."""

    def put(function):
        method = name or function.__name__
        original = getattr(cls, method)

        @functools.wraps(function)
        def patched(self, *args, **kwargs):
            return function(original, self, *args, **kwargs)

        setattr(cls, method, patched)
        return function

    return put


def answers(cls):
    """Makes a function an action of a service: `modify_cache_cluster(self)` answers ModifyCacheCluster."""

    def put(function):
        setattr(cls, function.__name__, function)
        return function

    return put


def error(code, message):
    return ElastiCacheException(code, message)


@gap
def one_request_at_a_time():
    """The server answers requests concurrently from dictionaries without a lock. If a dictionary grows while another
    request iterates over it, that request sometimes ends halfway with a 500 in HTML.

    Closed when moto's application serializes requests itself, or its memory is safe for threads.
    """

    @replaces(DomainDispatcherApplication)
    def __call__(original, self, environ, start_response):
        with TURN:
            return original(self, environ, start_response)


@gap
def managed_policies():
    """AWS managed policies are missing unless an environment variable enables them.

    Closed when AttachRolePolicy accepts arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole.
    """
    iam.load_iam_aws_managed_policies = lambda: True


@gap
def several_databases():
    """Every DB instance has the same DbiResourceId, by which the provider reads an instance.

    Closed when two instances have different ones.
    """

    def resource_id():
        return "db-" + "".join(mock_random.choices(string.ascii_uppercase + string.digits, k=26))

    @replaces(rds.DBInstance)
    def __init__(original, self, *args, **kwargs):
        original(self, *args, **kwargs)
        self.dbi_resource_id = resource_id()

    @replaces(rds.RDSBackend)
    def create_db_instance_read_replica(original, self, db_kwargs):
        replica = original(self, db_kwargs)
        # moto creates it as a copy of its source.
        replica.dbi_resource_id = resource_id()
        return replica


@gap
def read_replicas():
    """A read replica copies attributes of its source for which AWS has defaults, shares the source's list of exported
    logs, and loses its source when one of the two is renamed.

    Closed when a replica of a Multi-AZ instance is not Multi-AZ, its log exports are its own, and it names its source
    by the source's new name.
    """
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstanceReadReplica.html
    defaults = {
        "multi_az": False,
        "deletion_protection": False,
        "copy_tags_to_snapshot": False,
        "enable_iam_database_authentication": False,
        "monitoring_interval": 0,
        "monitoring_role_arn": None,
        "enable_performance_insights": False,
    }

    @replaces(rds.RDSBackend)
    def create_db_instance_read_replica(original, self, db_kwargs):
        replica = original(self, db_kwargs)
        for name, default in defaults.items():
            setattr(replica, name, db_kwargs.get(name, default))
        replica.enabled_cloudwatch_logs_exports = list(db_kwargs.get("enable_cloudwatch_logs_exports", []))
        return replica

    @replaces(rds.RDSBackend)
    def modify_db_instance(original, self, db_instance_identifier, db_kwargs):
        database = original(self, db_instance_identifier, db_kwargs)
        new = database.db_instance_identifier
        for other in self.databases.values():
            if other.source_db_instance_identifier == db_instance_identifier:
                other.source_db_instance_identifier = new
            other.replicas = [new if name == db_instance_identifier else name for name in other.replicas]
        return database


@gap
def touching_windows():
    """A maintenance window that begins when the backup window ends is refused, and so is one from Sunday into Monday.

    Closed when 03:00-04:00 with sun:04:00-sun:05:00 is accepted and sun:03:59-sun:05:00 is not.
    """
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    def minutes(text):
        hours, minute = text.split(":")
        return int(hours) * 60 + int(minute)

    def week_minutes(text):
        day, time = text.split(":", 1)
        return days.index(day) * MINUTES_A_DAY + minutes(time)

    def problem(maintenance, backup):
        if not re.fullmatch(r"[a-z]{3}:\d\d:\d\d-[a-z]{3}:\d\d:\d\d", maintenance or ""):
            return plain(maintenance, backup)
        try:
            start, end = map(week_minutes, maintenance.split("-"))
            first, last = map(minutes, (backup or "00:00-00:00").split("-"))
        except ValueError:
            return f"Invalid day:hour:minute value: {maintenance} or {backup}"
        length = (end - start) % MINUTES_A_WEEK
        if length < 30:
            return "The maintenance window must be at least 30 minutes."
        if length >= MINUTES_A_DAY:
            return "Maintenance window must be less than 24 hours."
        # Two windows overlap if either begins while the other lasts; the backup's is there every day.
        backup_begins = (first - start) % MINUTES_A_DAY < length
        maintenance_begins = (start - first) % MINUTES_A_DAY < (last - first) % MINUTES_A_DAY
        if backup and (backup_begins or maintenance_begins):
            return "The backup window and maintenance window must not overlap."
        return None

    plain = rds_utils.valid_preferred_maintenance_window
    rds.valid_preferred_maintenance_window = problem


@gap
def db_parameters_read_back():
    """The parameters of a DB parameter group are returned without a Source, so the provider takes none of them for the
    user's. They cannot be reset, and a filter by source is ignored.

    Closed when DescribeDBParameters with --source user lists the parameters that were set, and with --source system
    does not.
    """

    @replaces(rds.DBParameterGroup)
    def update_parameters(original, self, new_parameters):
        original(self, [{**parameter, "Source": "user"} for parameter in new_parameters])

    @answers(RDSResponse)
    def describe_db_parameters(self):
        parameters = db_parameter_group(self).parameters.values()
        source = self.params.get("Source")
        return ActionResult({"Parameters": [p for p in parameters if source in (None, p["Source"])]})

    @answers(RDSResponse)
    def reset_db_parameter_group(self):
        group = db_parameter_group(self)
        names = [parameter["ParameterName"] for parameter in self.params.get("Parameters", [])]
        for name in list(group.parameters) if self.params.get("ResetAllParameters", not names) else names:
            group.parameters.pop(name, None)
        return ActionResult({"DBParameterGroupName": group.name})

    def db_parameter_group(response):
        name = response.params["DBParameterGroupName"]
        groups = response.backend.db_parameter_groups
        if name not in groups:
            raise rds.DBParameterGroupNotFoundError(name)
        return groups[name]


@gap
def db_instance_read_back():
    """moto accepts some settings of a DB instance and does not store them: extended support, Performance Insights,
    Database Insights and enhanced monitoring. Every later plan would set them again. The default certificate authority
    does not exist in AWS, and the default KMS key is not an ARN.

    Closed when DescribeDBInstances shows EngineLifecycleSupport, PerformanceInsights…, DatabaseInsightsMode and
    Monitoring… as created, and the ARN of the account's key for RDS.
    """

    def managed_key(backend):
        keys = kms_backends[backend.account_id][backend.region_name]
        return keys.describe_key(keys.get_key_id_from_alias("alias/aws/rds")).arn

    @replaces(rds.DBInstance)
    def __init__(original, self, *args, **kwargs):
        original(self, *args, **{"ca_certificate_identifier": "rds-ca-rsa2048-g1", **kwargs})
        if self.storage_encrypted and "kms_key_id" not in kwargs:
            self.kms_key_id = managed_key(self.backend)
        self.engine_lifecycle_support = kwargs.get("engine_lifecycle_support", "open-source-rds-extended-support")
        self.enable_performance_insights = kwargs.get("enable_performance_insights", False)
        self.performance_insights_retention_period = kwargs.get("performance_insights_retention_period", 7)
        # AWS answers with the account's own key, which moto does not have.
        self.performance_insights_kms_key_id = kwargs.get("performance_insights_kms_key_id")
        self.database_insights_mode = kwargs.get("database_insights_mode", "standard")
        self.monitoring_interval = kwargs.get("monitoring_interval", 0)
        self.monitoring_role_arn = kwargs.get("monitoring_role_arn")

    @replaces(rds.DBInstance)
    def update(original, self, db_port_number=None, **kwargs):
        original(self, **kwargs)
        self.port = db_port_number or self.port

    def only_with_insights(name):
        """An attribute that is shown only while Performance Insights is on."""
        return property(
            lambda self: getattr(self, name) if self.enable_performance_insights else None,
            lambda self, value: setattr(self, name, value),
        )

    rds.DBInstance.performance_insights_enabled = property(lambda self: self.enable_performance_insights)
    rds.DBInstance.performance_insights_retention_period = only_with_insights("_insights_retention")
    rds.DBInstance.performance_insights_kms_key_id = only_with_insights("_insights_key")


@gap
def managed_password():
    """ModifyDBInstance with ManageMasterUserPassword creates another secret for an instance that already has one.
    According to AWS's documentation, it only turns the management of the password on.

    Closed when the ARN of the secret stays.
    """

    @replaces(rds.DBInstance)
    def update(original, self, manage_master_user_password=None, **kwargs):
        if not (manage_master_user_password and self.manage_master_user_password):
            kwargs["manage_master_user_password"] = manage_master_user_password
        original(self, **kwargs)


@gap
def event_subscription_modification():
    """ModifyEventSubscription, AddSourceIdentifierToSubscription and RemoveSourceIdentifierFromSubscription are not
    implemented, so another topic, other categories and a new read replica cannot be applied.

    Closed when they change the subscription that DescribeEventSubscriptions shows.
    """

    @answers(RDSResponse)
    def modify_event_subscription(self):
        subscription = event_subscription(self)
        for name in ("sns_topic_arn", "source_type", "event_categories", "enabled"):
            key = "".join(word.capitalize() for word in name.split("_"))
            setattr(subscription, name, self.params.get(key, getattr(subscription, name)))
        return ActionResult({"EventSubscription": subscription})

    @answers(RDSResponse)
    def add_source_identifier_to_subscription(self):
        subscription = event_subscription(self)
        source = self.params["SourceIdentifier"]
        if source not in self.backend.databases:
            raise RDSClientError("SourceNotFound", f"{source} was not found.")
        subscription.source_ids = sorted({*subscription.source_ids, source})
        return ActionResult({"EventSubscription": subscription})

    @answers(RDSResponse)
    def remove_source_identifier_from_subscription(self):
        subscription = event_subscription(self)
        source = self.params["SourceIdentifier"]
        subscription.source_ids = [one for one in subscription.source_ids if one != source]
        return ActionResult({"EventSubscription": subscription})

    def event_subscription(response):
        name = response.params["SubscriptionName"]
        return next(iter(response.backend.describe_event_subscriptions(name)))


def offers():
    """The table of AWS's offers. EMULATOR_OFFERS names another table than the project's."""
    own = Path(__file__).parents[1] / "settings" / "aws" / "offers.json"
    return json.loads(Path(os.environ.get("EMULATOR_OFFERS", own)).read_text())


def members(prefix, families):
    return [f"{prefix}.{family}.{size}" for family, sizes in families.items() for size in sizes]


@gap
def database_offers():
    """DescribeDBEngineVersions is not implemented, and DescribeOrderableDBInstanceOptions knows only Aurora and Neptune.

    Closed when both list PostgreSQL.
    """

    @answers(RDSResponse)
    def describe_db_engine_versions(self):
        asked = self.params.get("EngineVersion")
        versions = [
            {
                "Engine": "postgres",
                "EngineVersion": f"{major}.{minor}",
                "MajorEngineVersion": major,
                "DBParameterGroupFamily": f"postgres{major}",
                "Status": "available" if status == "offered" else "deprecated",
            }
            for major, minors in offers()["postgres"].items()
            for status in ("offered", "withdrawn")
            for minor in minors[status]
            if asked in (None, major, f"{major}.{minor}")
            and (status == "offered" or self.params.get("IncludeAll"))
        ]
        return ActionResult({"DBEngineVersions": versions if self.params.get("Engine") == "postgres" else []})

    @replaces(RDSResponse)
    def describe_orderable_db_instance_options(original, self):
        if self.params.get("Engine") != "postgres":
            return original(self)
        table = offers()
        families = {family: table["dbFamilies"][family] for family in table["regions"].get(self.region, [])}
        asked = self.params.get("DBInstanceClass")
        options = [
            {
                "Engine": "postgres",
                "EngineVersion": self.params.get("EngineVersion", max(table["postgres"], key=int)),
                "DBInstanceClass": name,
                "StorageType": storage,
                "AvailabilityZones": [{"Name": f"{self.region}{zone}"} for zone in "abc"],
                "MultiAZCapable": True,
                "Vpc": True,
                "SupportsStorageEncryption": True,
            }
            for name in members("db", families)
            for storage in ("gp2", "gp3", "io1", "io2")
            if asked in (None, name)
        ]
        return PaginatedResult({"OrderableDBInstanceOptions": options})


@gap
def cache_offers():
    """DescribeCacheEngineVersions and DescribeReservedCacheNodesOfferings are not implemented.

    Closed when they list Redis, Valkey and node types.
    """

    @answers(ElastiCacheResponse)
    def describe_cache_engine_versions(self):
        engine = self.params.get("Engine", "redis")
        versions = [{"Engine": engine, "EngineVersion": version} for version in offers().get(engine, [])]
        return ActionResult({"CacheEngineVersions": versions})

    @answers(ElastiCacheResponse)
    def describe_reserved_cache_nodes_offerings(self):
        types = members("cache", offers()["cacheFamilies"])
        return ActionResult({"ReservedCacheNodesOfferings": [{"CacheNodeType": name} for name in types]})


@gap
def database_quotas():
    """DescribeAccountAttributes of RDS is not implemented.

    Closed when it counts instances and storage.
    """

    @answers(RDSResponse)
    def describe_account_attributes(self):
        instances = self.backend.databases.values()
        used = {
            "DBInstances": (len(instances), 40),
            "AllocatedStorage": (sum(int(one.allocated_storage or 0) for one in instances), 100_000),
        }
        quotas = [{"AccountQuotaName": name, "Used": count, "Max": most} for name, (count, most) in used.items()]
        return ActionResult({"AccountQuotas": quotas})


@gap
def cache_quotas():
    """Service Quotas has only those of a VPC.

    Closed when GetServiceQuota answers for ElastiCache's nodes per region.
    """

    @replaces(ServiceQuotasBackend)
    def get_service_quota(original, self, service_code, quota_code):
        if (service_code, quota_code) != ("elasticache", "L-DFE45DF3"):
            return original(self, service_code, quota_code)
        return {"ServiceCode": service_code, "QuotaCode": quota_code, "QuotaName": "Nodes per Region", "Value": 300.0}


@gap
def rule_descriptions():
    """The description of a rule whose source is a security group or a prefix list is lost. A rule with another
    description counts as another rule, and the description cannot be modified.

    Closed when DescribeSecurityGroupRules shows the description of a rule created with UserIdGroupPairs, also after
    ModifySecurityGroupRules.
    """

    def source(rule):
        ranges = rule.ip_range
        group = rule.source_group.get("GroupId")
        return ranges.get("CidrIp"), ranges.get("CidrIpv6"), group, rule.prefix_list_id

    @replaces(SecurityGroupRule)
    def __init__(original, self, *args, **kwargs):
        original(self, *args, **kwargs)
        # The eighth argument, and it is never passed by name.
        prefix_list = args[7] if len(args) > 7 else None
        given = self.ip_range or self.source_group or prefix_list or {}
        self.own_description = given.get("Description")

    @replaces(SecurityGroupRule)
    def __eq__(original, self, other):
        mine, theirs = [(r.ip_protocol, r.from_port, r.to_port, source(r)) for r in (self, other)]
        return mine == theirs

    def describe(rule, text):
        rule.own_description = text
        for given in (rule.ip_range, rule.source_group):
            if given:
                given["Description"] = text

    SecurityGroupRule.description = property(lambda self: self.own_description)

    @replaces(SecurityGroupBackend)
    def _sg_update_description(original, self, security_rule, rule):
        describe(rule, security_rule.own_description)

    @replaces(SecurityGroupBackend)
    def modify_security_group_rules(original, self, group_id, rules):
        group = self.get_security_group_by_name_or_id(group_id)
        for rule_id, new in rules.items():
            rule = group and group.get_rule(rule_id)
            if rule:
                modify(self, rule, new)
        original(self, group_id, rules)
        for rule_id, new in rules.items():
            rule = group.get_rule(rule_id)
            # moto has just put the description into the range, also where the source is none.
            if not any(source(rule)[:2]):
                rule.ip_range = {}
            describe(rule, new.get("Description"))

    def modify(backend, rule, new):
        keys = ("CidrIpv4", "CidrIpv6", "ReferencedGroupId", "PrefixListId")
        for key, value in zip(keys, source(rule)):
            if (value is None) != (new.get(key) is None):
                raise InvalidParameterValue(f"Invalid rule type for '{rule.id}': its source is of another kind.")
        if new.get("ReferencedGroupId"):
            [rule.source_group] = backend._add_source_group([{"GroupId": new["ReferencedGroupId"]}], None)
        if new.get("CidrIpv6"):
            rule.ip_range["CidrIpv6"] = new["CidrIpv6"]
        rule.prefix_list_id = new.get("PrefixListId")


@gap
def volume_of_an_image():
    """A volume of an instance must have a size, even if the image has one: 8 GiB for Amazon Linux.

    Closed when RunInstances encrypts the root volume without a size in the request.
    """

    @replaces(InstanceResponse)
    def _validate_block_device_mapping(original, self, device_mapping):
        volume = device_mapping.get("Ebs", {})
        if "SnapshotId" not in volume:
            volume.setdefault("VolumeSize", "8")
        original(device_mapping)


@gap
def groups_of_a_network_interface():
    """An instance does not have the security groups of the network interface that is created with it.

    Closed when DescribeInstances shows the groups that RunInstances gives the first network interface.
    """

    @replaces(Instance)
    def prep_nics(original, self, nic_spec, *args, **kwargs):
        asked = [group for nic in nic_spec if int(nic["DeviceIndex"]) == 0 for group in nic.get("Groups") or []]
        original(self, nic_spec, *args, **kwargs)
        if asked:
            self.security_groups = [self.ec2_backend.get_security_group_from_id(group) for group in asked]


def region_code(region):
    """us-east-1 is `use1` in the addresses of nodes, ap-southeast-2 `apse2`."""
    area, direction, number = region.rsplit("-", 2)
    parts = re.findall("north|south|east|west|central", direction)
    return area.replace("-", "") + "".join(part[0] for part in parts) + number


def zones_of(backend, subnet_group):
    group = backend.cache_subnet_groups.get(subnet_group)
    zones = [subnet.get("subnet_availability_zone") for subnet in group.subnets] if group else []
    return sorted({zone for zone in zones if isinstance(zone, str)}) or [f"{backend.region_name}a"]


def full_version(engine, version):
    """The release that AWS runs for a version: `7.0.7` for `7.0`."""
    releases = {
        "redis": {"6.x": "6.2.6", "6.0": "6.0.5", "6.2": "6.2.6", "7.0": "7.0.7", "7.1": "7.1.0", None: "7.1.0"},
        "valkey": {
            **{"7.2": "7.2.6", "8.0": "8.0.1", "8.1": "8.1.0", "8.2": "8.2.0", "9.0": "9.0.0", "9.1": "9.1.0"},
            None: "8.1.0",
        },
    }
    return releases.get(engine, {}).get(version, version)


def default_parameter_group(engine, version, sharded=False):
    if engine == "memcached":
        family = "memcached" + ".".join((version or "1.6").split(".")[:2])
    else:
        major, minor = (version or "7.1").split(".")[:2]
        family = engine + ("6.x" if major == "6" else f"{major}.{minor}" if int(major) < 6 else major)
    return f"default.{family}" + (".cluster.on" if sharded else "")


@gap
def cache_nodes():
    """A cache cluster is returned without nodes, and so without an endpoint. It lacks its security groups (the default
    one, if the request names none) and its parameter group, and has the requested version instead of the running one.

    Closed when DescribeCacheClusters with --show-cache-node-info shows an Endpoint in CacheNodes, and SecurityGroups.
    """

    @replaces(ElastiCacheBackend)
    def create_cache_cluster(original, self, **kwargs):
        zones = zones_of(self, kwargs["cache_subnet_group_name"])
        cluster = original(self, **{**kwargs, "engine": kwargs["engine"] or "redis"})
        cluster.preferred_availability_zone = cluster.preferred_availability_zone or zones[0]
        complete(cluster, kwargs)
        cluster.security_group_ids = cluster.security_group_ids or [default_security_group(self)]
        return cluster

    @answers(ElastiCacheResponse)
    def describe_cache_clusters(self):
        clusters = self.elasticache_backend.describe_cache_clusters(self._get_param("CacheClusterId"))
        if self._get_bool_param("ShowCacheClustersNotInReplicationGroups"):
            clusters = [cluster for cluster in clusters if not cluster.replication_group_id]
        shown = [copy.copy(cluster) for cluster in clusters]
        if self._get_bool_param("ShowCacheNodeInfo"):
            for cluster in shown:
                cluster.cache_nodes = nodes(cluster, self.region)
        return PaginatedResult({"CacheClusters": shown})

    def complete(cluster, kwargs):
        cluster.num_cache_nodes = getattr(cluster, "num_cache_nodes", 1)
        cluster.replication_group_id = kwargs["replication_group_id"]
        cluster.snapshot_window = kwargs["snapshot_window"]
        cluster.engine_version = full_version(cluster.engine, cluster.engine_version)
        cluster.network_type = cluster.network_type or "ipv4"
        cluster.ip_discovery = cluster.ip_discovery or "ipv4"
        cluster.pending_modified_values = {}

    def default_security_group(backend):
        ec2 = ec2_backends[backend.account_id][backend.region_name]
        return ec2.get_default_security_group(ec2.get_default_vpc().id).id

    def nodes(cluster, region):
        domain = f"{cluster.cache_cluster_id}.moto01"
        return [
            {
                "CacheNodeId": f"{node:04}",
                "CacheNodeStatus": "available",
                "CacheNodeCreateTime": cluster.cache_cluster_create_time,
                "ParameterGroupStatus": "in-sync",
                "CustomerAvailabilityZone": cluster.preferred_availability_zone,
                "Endpoint": {
                    "Address": f"{domain}.{node:04}.{region_code(region)}.cache.amazonaws.com",
                    "Port": cluster.port,
                },
            }
            for node in range(1, cluster.num_cache_nodes + 1)
        ]

    CacheCluster.security_groups = property(
        lambda self: [{"SecurityGroupId": group, "Status": "active"} for group in self.security_group_ids]
    )
    CacheCluster.cache_parameter_group = property(
        lambda self: {
            "CacheParameterGroupName": self.cache_parameter_group_name
            or default_parameter_group(self.engine, self.engine_version),
            "ParameterApplyStatus": "in-sync",
        }
    )


@gap
def cache_deletion_ends():
    """A deleted cache cluster or replication group stays `deleting` forever, and its final snapshot is not taken.

    Closed when DescribeCacheClusters of a deleted cluster answers CacheClusterNotFound.
    """

    @replaces(ElastiCacheBackend)
    def delete_cache_cluster(original, self, cache_cluster_id):
        cluster = original(self, cache_cluster_id)
        del self.cache_clusters[cache_cluster_id]
        return cluster

    @replaces(ElastiCacheBackend)
    def delete_replication_group(original, self, replication_group_id, retain_primary_cluster):
        group = original(self, replication_group_id, retain_primary_cluster)
        kept = group.primary_cluster_id if retain_primary_cluster else None
        for cluster in [c for c in self.cache_clusters.values() if c.replication_group_id == replication_group_id]:
            if cluster.cache_cluster_id == kept:
                cluster.replication_group_id = None
            else:
                del self.cache_clusters[cluster.cache_cluster_id]
        del self.replication_groups[replication_group_id]
        return group

    @replaces(ElastiCacheResponse, "delete_cache_cluster")
    def delete_cluster(original, self):
        cluster = find_cluster(self, self._get_param("CacheClusterId"))
        if cluster.replication_group_id:
            raise error(
                "InvalidCacheClusterState",
                f"Cache cluster {cluster.cache_cluster_id} is a member of a replication group.",
            )
        take_final_snapshot(self, cache_cluster_id=cluster.cache_cluster_id)
        return original(self)

    @replaces(ElastiCacheResponse, "delete_replication_group")
    def delete_group(original, self):
        take_final_snapshot(self, replication_group_id=find_group(self).replication_group_id)
        return original(self)

    def take_final_snapshot(response, **of):
        name = response._get_param("FinalSnapshotIdentifier")
        if name:
            nothing = {"cache_cluster_id": None, "replication_group_id": None, "kms_key_id": None, "tags": None}
            response.elasticache_backend.create_snapshot(snapshot_name=name, **{**nothing, **of})


def find_cluster(response, cluster_id):
    clusters = response.elasticache_backend.cache_clusters
    if cluster_id not in clusters:
        raise CacheClusterNotFound(cluster_id)
    return clusters[cluster_id]


def find_group(response):
    group_id = response._get_param("ReplicationGroupId")
    groups = response.elasticache_backend.replication_groups
    if group_id not in groups:
        raise ReplicationGroupNotFound(group_id)
    return groups[group_id]


def find_parameter_group(response, name):
    groups = response.elasticache_backend.cache_parameter_groups
    if name not in groups:
        raise error("CacheParameterGroupNotFound", f"CacheParameterGroup {name} not found.")
    return groups[name]


AT_ONCE = {
    "SecurityGroupIds": "security_group_ids",
    "PreferredMaintenanceWindow": "preferred_maintenance_window",
    "CacheParameterGroupName": "cache_parameter_group_name",
    "NotificationTopicArn": "notification_topic_arn",
    "AutoMinorVersionUpgrade": "auto_minor_version_upgrade",
    "SnapshotRetentionLimit": "snapshot_retention_limit",
    "SnapshotWindow": "snapshot_window",
    "IpDiscovery": "ip_discovery",
}
IN_THE_WINDOW = {"CacheNodeType": "cache_node_type", "EngineVersion": "engine_version", "Engine": "engine"}


def modify_cluster(response, cluster):
    """The changes of a request to one cluster. Without ApplyImmediately, type and version wait for the maintenance
    window.
    """
    params = response._get_params()
    name = params.get("CacheParameterGroupName")
    if name and not name.startswith("default."):
        find_parameter_group(response, name)
    for key, attribute in AT_ONCE.items():
        if params.get(key) is not None:
            setattr(cluster, attribute, params[key])
    pending = {key: params[key] for key in IN_THE_WINDOW if params.get(key) is not None}
    cluster.pending_modified_values = {**cluster.pending_modified_values, **pending}
    if response._get_bool_param("ApplyImmediately"):
        for key, value in cluster.pending_modified_values.items():
            setattr(cluster, IN_THE_WINDOW[key], value)
        cluster.engine_version = full_version(cluster.engine, cluster.engine_version)
        cluster.pending_modified_values = {}


def log_deliveries(existing, requests):
    """The log deliveries after a request: one for each type of log. A request may turn its own off."""
    by_type = {delivery["LogType"]: delivery for delivery in existing}
    for request in requests or []:
        by_type.pop(request["LogType"], None)
        if str(request.get("Enabled", True)).lower() != "false":
            by_type[request["LogType"]] = {**request, "Status": "active"}
    return list(by_type.values())


@gap
def cache_modification():
    """ModifyCacheCluster is not implemented.

    Closed when it changes the snapshot retention of a cluster.
    """

    @answers(ElastiCacheResponse)
    def modify_cache_cluster(self):
        cluster = find_cluster(self, self._get_param("CacheClusterId"))
        if cluster.engine != "memcached" and self._get_int_param("NumCacheNodes", 1) != 1:
            raise InvalidParameterValueException("A cluster of this engine has one node.")
        cluster.num_cache_nodes = self._get_int_param("NumCacheNodes", cluster.num_cache_nodes)
        cluster.log_delivery_configurations = log_deliveries(
            cluster.log_delivery_configurations, self._get_params().get("LogDeliveryConfigurations")
        )
        modify_cluster(self, cluster)
        return ActionResult({"CacheCluster": cluster})


@gap
def cache_subnet_groups():
    """ModifyCacheSubnetGroup and DeleteCacheSubnetGroup are not implemented.

    Closed when a subnet group that no cluster uses can be deleted, and DescribeCacheSubnetGroups does not find it.
    """

    @answers(ElastiCacheResponse)
    def modify_cache_subnet_group(self):
        name = self._get_param("CacheSubnetGroupName")
        old = find_subnet_group(self, name)
        new = CacheSubnetGroup(
            self.current_account,
            self.region,
            name,
            self._get_param("CacheSubnetGroupDescription", old.cache_subnet_group_description),
            self._get_param("SubnetIds", old.subnet_ids),
            old.tags,
        )
        self.elasticache_backend.cache_subnet_groups[name] = new
        return ActionResult({"CacheSubnetGroup": new})

    @answers(ElastiCacheResponse)
    def delete_cache_subnet_group(self):
        name = self._get_param("CacheSubnetGroupName")
        group = find_subnet_group(self, name)
        backend = self.elasticache_backend
        if any(cluster.cache_subnet_group_name == name for cluster in backend.cache_clusters.values()):
            raise error("CacheSubnetGroupInUse", f"Cache subnet group {name} is currently in use by a cache cluster.")
        backend.tagging_service.delete_all_tags_for_resource(group.arn)
        del backend.cache_subnet_groups[name]
        return EmptyResult()

    def find_subnet_group(response, name):
        groups = response.elasticache_backend.cache_subnet_groups
        if name not in groups:
            raise CacheSubnetGroupNotFound(name)
        return groups[name]


class Described:
    """An object with the attributes of AWS's own model."""

    def __init__(self, **attributes):
        self.__dict__.update(attributes)


def resource_arn(response, kind, name):
    return f"arn:{response.partition}:elasticache:{response.region}:{response.current_account}:{kind}:{name}"


@gap
def cache_parameter_groups():
    """Cache parameter groups are not implemented.

    Closed when CreateCacheParameterGroup, ModifyCacheParameterGroup and DescribeCacheParameters with --source user
    work. The names of parameters are not checked, as moto does not check those of RDS.
    """
    families = [f"redis{version}" for version in ("2.6", "2.8", "3.2", "4.0", "5.0", "6.x", "7")]
    families += ["valkey7", "valkey8", "valkey9", "memcached1.4", "memcached1.5", "memcached1.6"]

    @replaces(ElastiCacheBackend)
    def __init__(original, self, *args, **kwargs):
        original(self, *args, **kwargs)
        self.cache_parameter_groups = {}

    @answers(ElastiCacheResponse)
    def create_cache_parameter_group(self):
        name = self._get_param("CacheParameterGroupName").lower()
        family = self._get_param("CacheParameterGroupFamily")
        backend = self.elasticache_backend
        if name in backend.cache_parameter_groups:
            raise error("CacheParameterGroupAlreadyExists", f"A cache parameter group named {name} already exists.")
        if family not in families:
            raise InvalidParameterValueException(f"{family} is not a valid parameter group family.")
        group = Described(
            CacheParameterGroupName=name,
            CacheParameterGroupFamily=family,
            Description=self._get_param("Description"),
            IsGlobal=False,
            ARN=resource_arn(self, "parametergroup", name),
            parameters={},
        )
        backend.cache_parameter_groups[name] = group
        backend.tagging_service.tag_resource(group.ARN, self._get_param("Tags", []))
        return ActionResult({"CacheParameterGroup": group})

    @answers(ElastiCacheResponse)
    def describe_cache_parameter_groups(self):
        name = self._get_param("CacheParameterGroupName")
        every = list(self.elasticache_backend.cache_parameter_groups.values())
        return PaginatedResult({"CacheParameterGroups": [find_parameter_group(self, name)] if name else every})

    @answers(ElastiCacheResponse)
    def modify_cache_parameter_group(self):
        group = find_parameter_group(self, self._get_param("CacheParameterGroupName"))
        for parameter in self._get_param("ParameterNameValues", []):
            group.parameters[parameter["ParameterName"]] = parameter["ParameterValue"]
        return ActionResult({"CacheParameterGroupName": group.CacheParameterGroupName})

    @answers(ElastiCacheResponse)
    def reset_cache_parameter_group(self):
        group = find_parameter_group(self, self._get_param("CacheParameterGroupName"))
        names = [parameter["ParameterName"] for parameter in self._get_param("ParameterNameValues", [])]
        for name in list(group.parameters) if self._get_bool_param("ResetAllParameters") else names:
            group.parameters.pop(name, None)
        return ActionResult({"CacheParameterGroupName": group.CacheParameterGroupName})

    @answers(ElastiCacheResponse)
    def describe_cache_parameters(self):
        group = find_parameter_group(self, self._get_param("CacheParameterGroupName"))
        asked = self._get_param("Source") in (None, "user")
        parameters = group.parameters.items() if asked else []
        listed = [
            {"ParameterName": name, "ParameterValue": value, "Source": "user", "IsModifiable": True}
            for name, value in parameters
        ]
        return ActionResult({"Parameters": listed})

    @answers(ElastiCacheResponse)
    def delete_cache_parameter_group(self):
        group = find_parameter_group(self, self._get_param("CacheParameterGroupName"))
        name, backend = group.CacheParameterGroupName, self.elasticache_backend
        if any(cluster.cache_parameter_group_name == name for cluster in backend.cache_clusters.values()):
            raise error("InvalidCacheParameterGroupState", f"CacheParameterGroup {name} is in use by a cache cluster.")
        backend.tagging_service.delete_all_tags_for_resource(group.ARN)
        del backend.cache_parameter_groups[name]
        return EmptyResult()


@gap
def replication_group_members():
    """A replication group without shards has one node whatever NumCacheClusters says. Its nodes cannot be described,
    and it has no reader endpoint.

    Closed when DescribeCacheClusters finds both of MemberClusters of a group that was created with two.
    """

    @replaces(ElastiCacheBackend)
    def create_replication_group(original, self, **kwargs):
        if not kwargs["num_node_groups"] and not kwargs["replicas_per_node_group"]:
            kwargs["replicas_per_node_group"] = (kwargs["num_cache_clusters"] or 1) - 1
        group = original(self, **kwargs)
        group.engine_version = full_version(group.engine, group.engine_version)
        if group.transit_encryption_enabled and not group.transit_encryption_mode:
            group.transit_encryption_mode = "required"
        group.log_delivery_configurations = log_deliveries([], kwargs["log_delivery_configurations"])
        zones = kwargs["preferred_cache_cluster_azs"] or zones_of(self, group.cache_subnet_group_name)
        for node_group in group.node_groups:
            reader = node_group.get("reader_endpoint_address")
            node_group["reader_endpoint"] = reader and {"address": reader, "port": group.port}
            for index, member in enumerate(node_group["node_group_members"]):
                member["preferred_availability_zone"] = zones[index % len(zones)]
                add_member(self, group, member)
        return group


def add_member(backend, group, member):
    """Adds the cache cluster of one node of a replication group, with the attributes of the group."""
    shared = vars(group)
    nothing = dict.fromkeys(
        "az_mode snapshot_name auth_token outpost_mode preferred_outpost_arn preferred_availability_zones tags"
        " snapshot_arns preferred_outpost_arns log_delivery_configurations cache_node_ids_to_remove"
        " cache_node_ids_to_reboot".split()
    )
    kept = (
        "replication_group_id engine engine_version cache_node_type cache_parameter_group_name cache_subnet_group_name"
        " transit_encryption_enabled network_type ip_discovery preferred_maintenance_window port notification_topic_arn"
        " auto_minor_version_upgrade snapshot_retention_limit snapshot_window cache_security_group_names"
        " security_group_ids"
    ).split()
    cluster = backend.create_cache_cluster(
        cache_cluster_id=member["cache_cluster_id"],
        preferred_availability_zone=member["preferred_availability_zone"],
        num_cache_nodes=1,
        **{name: shared[name] for name in kept},
        **nothing,
    )
    cluster.at_rest_encryption_enabled = group.at_rest_encryption_enabled
    cluster.transit_encryption_mode = group.transit_encryption_mode
    cluster.auth_token_enabled = group.auth_token_enabled
    backend.tagging_service.tag_resource(cluster.arn, group.tags or [])


@gap
def replication_group_modification():
    """ModifyReplicationGroup, IncreaseReplicaCount and DecreaseReplicaCount are not implemented.

    Closed when they change the description and the number of members of a group.
    """

    @answers(ElastiCacheResponse)
    def modify_replication_group(self):
        group = find_group(self)
        params = self._get_params()
        members = [find_cluster(self, member) for member in group.member_clusters]
        failover = params.get("AutomaticFailoverEnabled", group.automatic_failover == "enabled")
        multi_az = params.get("MultiAZEnabled", group.multi_az == "enabled")
        if failover and len(members) < 2:
            raise InvalidParameterCombinationException("Automatic failover needs at least two nodes.")
        if multi_az and not failover:
            raise InvalidParameterCombinationException("Multi-AZ needs automatic failover.")
        groups = user_groups_after(self, group, params)
        for cluster in members:
            modify_cluster(self, cluster)
        group.user_group_ids = groups
        group.automatic_failover = "enabled" if failover else "disabled"
        group.multi_az = "enabled" if multi_az else "disabled"
        group.description = params.get("ReplicationGroupDescription", group.description)
        group.snapshotting_cluster_id = params.get("SnapshottingClusterId", group.snapshotting_cluster_id)
        group.log_delivery_configurations = log_deliveries(
            group.log_delivery_configurations, params.get("LogDeliveryConfigurations")
        )
        for name in [*AT_ONCE.values(), *IN_THE_WINDOW.values()]:
            setattr(group, name, getattr(members[0], name))
        encrypt(group, members, params)
        return ActionResult({"ReplicationGroup": group})

    def user_groups_after(response, group, params):
        added = params.get("UserGroupIdsToAdd", [])
        for name in added:
            find_user_group(response, name)
        removed = group.user_group_ids if params.get("RemoveUserGroups") else params.get("UserGroupIdsToRemove", [])
        after = [name for name in group.user_group_ids if name not in removed] + list(added)
        if after and not params.get("TransitEncryptionEnabled", group.transit_encryption_enabled):
            raise InvalidParameterCombinationException("User groups need encryption in transit.")
        return after

    def encrypt(group, members, params):
        for one in [group, *members]:
            for name in ("transit_encryption_enabled", "transit_encryption_mode"):
                key = "".join(word.capitalize() for word in name.split("_"))
                setattr(one, name, params.get(key, getattr(one, name)))

    @answers(ElastiCacheResponse)
    def increase_replica_count(self):
        return change_replicas(self, more=True)

    @answers(ElastiCacheResponse)
    def decrease_replica_count(self):
        return change_replicas(self, more=False)

    def change_replicas(response, more):
        group, backend = find_group(response), response.elasticache_backend
        replicas = response._get_int_param("NewReplicaCount")
        have = len(group.node_groups[0]["node_group_members"]) - 1
        if not response._get_bool_param("ApplyImmediately"):
            raise InvalidParameterValueException("ApplyImmediately=False is not supported.")
        possible = range(have + 1, MAX_REPLICAS + 1) if more else range(have)
        if replicas not in possible:
            raise InvalidParameterValueException(f"NewReplicaCount {replicas} is not possible with {have} replicas.")
        if replicas == 0 and group.automatic_failover == "enabled":
            raise InvalidParameterValueException("Automatic failover needs at least one replica.")
        for node_group in group.node_groups:
            members = node_group["node_group_members"]
            for member in members[replicas + 1 :]:
                del backend.cache_clusters[member["cache_cluster_id"]]
            del members[replicas + 1 :]
            while len(members) <= replicas:
                members.append(next_member(backend, group, members))
                add_member(backend, group, members[-1])
        group.member_clusters = [m["cache_cluster_id"] for n in group.node_groups for m in n["node_group_members"]]
        return ActionResult({"ReplicationGroup": group})

    def next_member(backend, group, members):
        first, number = members[0], f"{len(members) + 1:03}"
        zones = zones_of(backend, group.cache_subnet_group_name)
        name = first["cache_cluster_id"][:-3] + number
        member = {**first, "cache_cluster_id": name, "preferred_availability_zone": zones[len(members) % len(zones)]}
        if "read_endpoint" in first:
            address = name + "." + first["read_endpoint"]["address"].split(".", 1)[1]
            member.update(current_role="replica", read_endpoint={"address": address, "port": group.port})
        return member


def find_user_group(response, name):
    groups = response.elasticache_backend.user_groups
    if name not in groups:
        raise error("UserGroupNotFound", f"User group {name} not found.")
    return groups[name]


@gap
def user_groups():
    """User groups and ModifyUser are not implemented, and a deleted user stays in its groups.

    Closed when CreateUserGroup works with the user `default`, and answers DefaultUserRequired without it.
    """

    @replaces(ElastiCacheBackend)
    def __init__(original, self, *args, **kwargs):
        original(self, *args, **kwargs)
        self.user_groups = {}

    def users_of(response, ids):
        users = response.elasticache_backend.users
        for user_id in ids:
            if user_id not in users:
                raise UserNotFound(user_id)
        return [users[user_id] for user_id in ids]

    def set_users(response, group_id, engine, ids):
        names = [user.name for user in users_of(response, ids)]
        if engine == "redis" and "default" not in names:
            raise error("DefaultUserRequired", "A user group needs a user with the name default.")
        if len(set(names)) < len(names):
            raise error("DuplicateUserName", "Two users of the group have the same name.")
        for user in response.elasticache_backend.users.values():
            others = [name for name in user.user_group_ids if name != group_id]
            user.user_group_ids = others + [group_id] if user.id in ids else others

    def shown(response, group, status="active"):
        caches = response.elasticache_backend.replication_groups.values()
        return {
            **vars(group),
            "Status": status,
            "MinimumEngineVersion": "6.0" if group.Engine == "redis" else "7.2",
            "ReplicationGroups": [c.replication_group_id for c in caches if group.UserGroupId in c.user_group_ids],
        }

    @answers(ElastiCacheResponse)
    def create_user_group(self):
        name, engine = self._get_param("UserGroupId").lower(), self._get_param("Engine").lower()
        ids, backend = list(self._get_param("UserIds", [])), self.elasticache_backend
        if name in backend.user_groups:
            raise error("UserGroupAlreadyExists", f"User group {name} already exists.")
        set_users(self, name, engine, ids)
        arn = resource_arn(self, "usergroup", name)
        backend.user_groups[name] = Described(UserGroupId=name, Engine=engine, UserIds=ids, ARN=arn)
        backend.tagging_service.tag_resource(arn, self._get_param("Tags", []))
        return ActionResult(shown(self, backend.user_groups[name]))

    @answers(ElastiCacheResponse)
    def describe_user_groups(self):
        name = self._get_param("UserGroupId")
        groups = [find_user_group(self, name)] if name else self.elasticache_backend.user_groups.values()
        return PaginatedResult({"UserGroups": [shown(self, group) for group in groups]})

    @answers(ElastiCacheResponse)
    def modify_user_group(self):
        group = find_user_group(self, self._get_param("UserGroupId"))
        removed = self._get_param("UserIdsToRemove", [])
        ids = [user for user in group.UserIds if user not in removed] + list(self._get_param("UserIdsToAdd", []))
        set_users(self, group.UserGroupId, group.Engine, ids)
        group.UserIds = ids
        return ActionResult(shown(self, group))

    @answers(ElastiCacheResponse)
    def delete_user_group(self):
        group = find_user_group(self, self._get_param("UserGroupId"))
        last = shown(self, group, "deleting")
        if last["ReplicationGroups"]:
            raise error("InvalidUserGroupState", f"User group {group.UserGroupId} is used by a replication group.")
        for user in self.elasticache_backend.users.values():
            user.user_group_ids = [name for name in user.user_group_ids if name != group.UserGroupId]
        self.elasticache_backend.tagging_service.delete_all_tags_for_resource(group.ARN)
        del self.elasticache_backend.user_groups[group.UserGroupId]
        return ActionResult(last)

    @answers(ElastiCacheResponse)
    def modify_user(self):
        [user] = users_of(self, [self._get_param("UserId")])
        mode = self._get_param("AuthenticationMode") or {}
        access = [self._get_param("AccessString", user.access_string), self._get_param("AppendAccessString", "")]
        user.access_string = " ".join(filter(None, access))
        user.passwords = list(mode.get("Passwords") or self._get_param("Passwords") or user.passwords)
        if "Type" in mode:
            user.authentication_type = mode["Type"]
            user.no_password_required = mode["Type"] == "no-password-required"
            user.passwords = user.passwords if mode["Type"] == "password" else []
        return ActionResult(user)

    @replaces(ElastiCacheBackend)
    def delete_user(original, self, user_id):
        groups = [group for group in self.user_groups.values() if user_id in group.UserIds]
        if groups and self.users[user_id].name == "default":
            raise error("DefaultUserAssociatedToUserGroup", "The default user of a user group cannot be deleted.")
        for group in groups:
            group.UserIds.remove(user_id)
        return original(self, user_id)


@gap
def authentication_of_users():
    """A user created with the mode no-password-required is described with that mode. AWS describes it with no-password,
    and configuration with the mode shows a change in every plan.

    Closed when DescribeUsers shows no-password for it.
    """

    @property
    def authentication(self):
        names = {"no-password-required": "no-password"}
        kind = "no-password" if self.no_password_required else self.authentication_type
        return {"Type": names.get(kind, kind), "PasswordCount": len(self.passwords) or None}

    User.authentication = authentication


@gap
def tags_of_cache_groups():
    """The tags of cache parameter groups and user groups cannot be listed, because their ARNs are treated as invalid.

    Closed when ListTagsForResource of an ARN with `:parametergroup:` or `:usergroup:` answers.
    """

    @replaces(ElastiCacheBackend)
    def __init__(original, self, *args, **kwargs):
        original(self, *args, **kwargs)
        kinds = "cluster|snapshot|subnetgroup|replicationgroup|user|usergroup|parametergroup"
        self.arn_regex = re.compile(rf"^arn:aws[a-z-]*:elasticache:.*:[0-9]*:({kinds}):.*$")


@gap
def sessions_of_systems_manager():
    """Sessions cannot be started. Only the Session Manager plugin of the AWS CLI would use one, and it is not part of
    the emulator.

    Closed when StartSession answers for a running instance, and refuses one that does not exist.
    """

    def is_connected(response, target):
        instances = ec2_backends[response.current_account][response.region].all_reservations()
        running = [one.id for reservation in instances for one in reservation.instances if one.state == "running"]
        return target.startswith("ecs:") or target in running

    @answers(SimpleSystemManagerResponse)
    def start_session(self):
        target = self._get_param("Target")
        if not is_connected(self, target):
            raise SSMException("TargetNotConnected", f"{target} is not connected.")
        session = f"emulated-{mock_random.get_random_hex(17)}"
        stream = f"wss://ssmmessages.{self.region}.amazonaws.com/v1/data-channel/{session}"
        return ActionResult({"SessionId": session, "TokenValue": "emulated", "StreamUrl": stream})

    @answers(SimpleSystemManagerResponse)
    def terminate_session(self):
        return ActionResult({"SessionId": self._get_param("SessionId")})


@gap
def policy_conditions():
    """A statement denies even if its condition does not hold, and aws:SecureTransport is not evaluated. A bucket that
    requires TLS therefore refuses every request.

    Closed when a bucket with such a policy accepts an object over https, and refuses it over http.
    """

    @replaces(IAMPolicyStatement)
    def is_action_permitted(original, self, *args, **kwargs):
        condition = self._statement.get("Condition") or {}
        secure = condition.get("Bool", {}).get("aws:SecureTransport")
        if secure is None:
            return original(self, *args, **kwargs)
        # boto3 inside this process has no request of the server's, and speaks https.
        by_tls = request.is_secure if has_request_context() else True
        if str(by_tls).lower() not in ([secure] if isinstance(secure, str) else secure):
            return PermissionResult.NEUTRAL
        others = {operator: keys for operator, keys in condition.items() if operator != "Bool"}
        return original(IAMPolicyStatement({**self._statement, "Condition": others}), *args, **kwargs)


def close_gaps():
    for close in GAPS.values():
        close()


def make_certificate(folder):
    """Writes a self-signed certificate for 127.0.0.1, valid for a day, and its key, readable only by their owner."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(hours=1))
    builder = builder.not_valid_after(now + datetime.timedelta(days=1))
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    certificate = builder.sign(key, hashes.SHA256())
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    os.umask(0o077)
    (folder / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))


class Account:
    """An emulated AWS account on its own port."""

    def __init__(self, host, port, tls, until_stdin_closes):
        self.host, self.tls, self.until_stdin_closes = host, tls, until_stdin_closes
        self.access = Access(os.environ.get("MOTO_ACCOUNT_ID", DEFAULT_ACCOUNT_ID))
        self.application = DomainDispatcherApplication(create_backend_app)
        self.server = self.listen(port)

    def listen(self, port):
        certificate = tuple(str(self.tls / name) for name in ("certificate.pem", "key.pem")) if self.tls else None
        return make_server(self.host, port, self.answer, threaded=True, ssl_context=certificate)

    @property
    def endpoint(self):
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.server.port}"

    def serve(self):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        if self.until_stdin_closes:
            threading.Thread(target=self.end_with_stdin, daemon=True).start()
        self.server.serve_forever()

    def end_with_stdin(self):
        """Ends the emulator without leaving anything behind, even if the parent process was killed."""
        # Not sys.stdin, whose lock a copy would inherit from a thread that it does not have.
        while os.read(0, 1):
            pass
        os._exit(0)

    def answer(self, environ, start_response):
        own = {"/emulator/copy": self.copy, "/emulator/calls": self.calls, "/emulator/enforce": self.enforce}
        asked = own.get(environ["PATH_INFO"]) if environ["REQUEST_METHOD"] == "POST" else None
        if asked:
            body = json.dumps(asked(environ["werkzeug.socket"]))
            return respond(start_response, "200 OK", [("Content-Type", "application/json")], body)
        with TURN:
            refusal = self.access.refusal(environ)
        return respond(start_response, *refusal) if refusal else self.application(environ, start_response)

    def calls(self, _asking):
        """The requests so far: the role, if any, the IAM action and the resource."""
        with TURN:
            return self.access.record()

    def enforce(self, _asking):
        """From here on, a role may do only what its policies allow. The account's own keys may do everything."""
        self.access.enforced = True
        return {}

    def copy(self, asking):
        """A copy of the account in another process at another port. Changes there do not affect this one."""
        with TURN:
            mine, self.server = self.server, self.listen(0)
            copied = os.fork()
            if copied == 0:
                TURN.release()
                asking.close()
                mine.socket.close()
                self.serve()
            answer = {"pid": copied, "endpoint": self.endpoint}
            self.server.socket.close()
            self.server = mine
        return answer


def respond(start_response, status, headers, body):
    start_response(status, [*headers, ("Content-Length", str(len(body.encode())))])
    return [body.encode()]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-H", "--host", default="127.0.0.1", help="the address to listen on (default: loopback)")
    parser.add_argument("-p", "--port", type=int, default=0, help="the port to listen on (default: 0, a free one)")
    tls = "serve TLS with FOLDER/certificate.pem, which clients must trust, and FOLDER/key.pem; created if missing"
    parser.add_argument("--tls", type=Path, metavar="FOLDER", help=tls)
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when standard input closes")
    return parser.parse_args()


def main():
    chosen = arguments()
    if chosen.tls and not (chosen.tls / "certificate.pem").exists():
        make_certificate(chosen.tls)
    close_gaps()
    account = Account(chosen.host, chosen.port, chosen.tls, chosen.until_stdin_closes)
    print(account.endpoint, flush=True)
    account.serve()


if __name__ == "__main__":
    main()
