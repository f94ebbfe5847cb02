"""The IAM actions and resources of a request, and whether the calling role may perform them.

moto knows neither the resources nor most of the conditions of a policy. This module maps a request to
actions and resources as AWS's Service Authorization Reference does
(https://docs.aws.amazon.com/service-authorization/latest/reference/), as far as the stacks need it. An unknown request
requires the resource `*`, and an unknown condition is an error, so that nothing is allowed by mistake.
"""

import base64
import html
import io
import json
import re
from urllib.parse import parse_qs, unquote

from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

SERVICES = {"monitoring": "cloudwatch", "TrentService": "kms", "Logs_20140328": "logs"}

# Parameter of a query → type of the resource that it names, in each service.
NAMED = {
    "rds": {
        "DBInstanceIdentifier": "db",
        "NewDBInstanceIdentifier": "db",
        "SourceDBInstanceIdentifier": "db",
        "DBParameterGroupName": "pg",
        "DBSubnetGroupName": "subgrp",
        "SubscriptionName": "es",
        "DBSnapshotIdentifier": "snapshot",
    },
    "elasticache": {
        "CacheClusterId": "cluster",
        "ReplicationGroupId": "replicationgroup",
        "CacheParameterGroupName": "parametergroup",
        "CacheSubnetGroupName": "subnetgroup",
        "UserGroupId": "usergroup",
        "UserId": "user",
        "UserIds.member": "user",
        "UserGroupIds.member": "usergroup",
    },
}
# The resource of a listing without a name.
LISTED = {
    "rds:DescribeDBInstances": "db",
    "rds:DescribeDBParameterGroups": "pg",
    "rds:DescribeDBSubnetGroups": "subgrp",
    "rds:DescribeEventSubscriptions": "es",
    "elasticache:DescribeCacheClusters": "cluster",
    "elasticache:DescribeReplicationGroups": "replicationgroup",
    "elasticache:DescribeCacheSubnetGroups": "subnetgroup",
    "elasticache:DescribeCacheParameterGroups": "parametergroup",
    "elasticache:DescribeUsers": "user",
    "elasticache:DescribeUserGroups": "usergroup",
}
TAGGING = {"rds": "AddTagsToResource", "elasticache": "AddTagsToResource", "iam": "TagRole"}
EC2_KINDS = {
    "sg": "security-group",
    "sgr": "security-group-rule",
    "vpc": "vpc",
    "subnet": "subnet",
    "i": "instance",
    "vol": "volume",
}
# S3 names its actions after neither the operations nor the requests.
S3_SUBRESOURCES = ["policy", "versioning", "lifecycle", "tagging", "acl", "logging", "versions"]
S3_NOUNS = {"encryption": "EncryptionConfiguration", "publicAccessBlock": "BucketPublicAccessBlock"}


class Call:
    """One action on one or several resources, all of which must be allowed, with the context for conditions."""

    def __init__(self, action, resources, context=None):
        self.action, self.resources, self.context = action, resources, context or {}


class Request:
    """A request to AWS: who signed it, for which service and region, and its parameters."""

    def __init__(self, environ, account):
        self.account, self.environ = account, environ
        scope = re.search(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
        self.key, self.region, self.signed_for = scope.groups() if scope else (None, "us-east-1", "sts")
        self.target = environ.get("HTTP_X_AMZ_TARGET", "")
        self.parameters = self.read_parameters()
        service, _, operation = self.target.rpartition(".")
        self.service = SERVICES.get(self.signed_for, self.signed_for)
        self.operation = operation if service else str(self.parameters.get("Action", ""))

    def read_parameters(self):
        if self.signed_for == "s3":
            return {name: values[0] for name, values in self.query().items()}
        body = self.environ["wsgi.input"].read(int(self.environ.get("CONTENT_LENGTH") or 0))
        self.environ["wsgi.input"] = io.BytesIO(body)
        if self.target:
            return json.loads(body or b"{}")
        values = {**self.query(), **parse_qs(body.decode(), keep_blank_values=True)}
        return {name: value[0] for name, value in values.items()}

    def query(self):
        return parse_qs(self.environ.get("QUERY_STRING", ""), keep_blank_values=True)

    def several(self, prefix):
        """The values of `prefix` and of `prefix.1`, `prefix.2` …"""
        pattern = re.compile(re.escape(prefix) + r"(\.\d+)?")
        return [value for name, value in self.parameters.items() if pattern.fullmatch(name)]

    def arn(self, service, resource, region=None, account=None):
        partition = get_partition(self.region)
        region = self.region if region is None else region
        return f"arn:{partition}:{service}:{region}:{self.account if account is None else account}:{resource}"

    def calls(self):
        """All permissions that the caller needs."""
        own = getattr(self, f"calls_of_{self.service}", None)
        if own:
            return own()
        resources = self.named_resources() if self.service in NAMED else ["*"]
        calls = self.with_tags([Call(f"{self.service}:{self.operation}", resources)], self.has_query_tags())
        passed = self.several("MonitoringRoleArn")
        context = {"iam:PassedToService": "monitoring.rds.amazonaws.com"}
        return [*calls, Call("iam:PassRole", passed, context)] if passed else calls

    def has_query_tags(self):
        return any(re.fullmatch(r"Tags\.(Tag|member)\.1\.Key", name) for name in self.parameters)

    def with_tags(self, calls, tagged):
        """Creating a resource with tags requires permission to tag it."""
        tagging = f"{self.service}:{TAGGING.get(self.service, 'TagResource')}"
        if not tagged or tagging == calls[0].action:
            return calls
        return [*calls, Call(tagging, calls[0].resources[:1], calls[0].context)]

    def named_resources(self):
        action = f"{self.service}:{self.operation}"
        named = [
            self.arn(self.service, f"{kind}:{value}")
            for parameter, kind in NAMED[self.service].items()
            for value in self.several(parameter)
        ]
        arns = self.several("ResourceName")
        listed = [self.arn(self.service, f"{LISTED[action]}:*")] if action in LISTED else []
        return named + arns or listed or ["*"]

    def calls_of_s3(self):
        bucket, _, key = unquote(self.environ["PATH_INFO"]).lstrip("/").partition("/")
        resource = f"{bucket}/{key}" if key else bucket
        return [Call(f"s3:{self.s3_action(key)}", [self.arn("s3", resource or "*", "", "")])]

    def s3_action(self, key):
        method = self.environ["REQUEST_METHOD"]
        verb = {"GET": "Get", "HEAD": "Get", "PUT": "Put", "POST": "Put", "DELETE": "Delete"}[method]
        nouns = [noun for name, noun in S3_NOUNS.items() if name in self.parameters]
        if nouns:
            return f"{verb}{nouns[0]}"
        names = [name for name in S3_SUBRESOURCES if name in self.parameters]
        if names:
            return f"{verb}{'Object' if key else 'Bucket'}{names[0].capitalize()}"
        if key:
            return f"{verb}Object"
        return {"Get": "ListBucket", "Put": "CreateBucket", "Delete": "DeleteBucket"}[verb]

    def calls_of_ec2(self):
        if self.operation == "RunInstances":
            return self.calls_of_run_instances()
        named = ("DescribeVpcAttribute", "DescribeInstanceAttribute")
        if self.operation.startswith("Describe") and self.operation not in named:
            return [Call(f"ec2:{self.operation}", ["*"])]
        ids = [one for name in ("GroupId", "ResourceId", "VpcId", "InstanceId") for one in self.several(name)]
        if self.operation == "ModifySecurityGroupRules":
            ids += [value for name, value in self.parameters.items() if name.endswith(".SecurityGroupRuleId")]
        resources = [self.arn("ec2", f"{EC2_KINDS[one.split('-')[0]]}/{one}") for one in ids]
        tags = self.query_tags("Tag") or self.query_tags("TagSpecification.1.Tag")
        context = {f"aws:RequestTag/{name}": value for name, value in tags.items()}
        if self.operation == "CreateSecurityGroup":
            resources.append(self.arn("ec2", "security-group/*"))
        calls = [Call(f"ec2:{self.operation}", resources, context)]
        if tags and self.operation != "CreateTags":
            kind = self.parameters["TagSpecification.1.ResourceType"]
            created = {**context, "ec2:CreateAction": self.operation}
            calls.append(Call("ec2:CreateTags", [self.arn("ec2", f"{kind}/*")], created))
        return calls

    def calls_of_run_instances(self):
        """The actions on all parts of an instance, each with its own conditions."""
        tags = self.query_tags("TagSpecification.1.Tag")
        context = {f"aws:RequestTag/{name}": value for name, value in tags.items()}
        ids = [value for name, value in self.parameters.items() if re.search(r"(SecurityGroupId\.\d+|SubnetId)$", name)]
        image = self.arn("ec2", f"image/{self.parameters['ImageId']}", account="")
        made = [self.arn("ec2", f"{kind}/*") for kind in ("volume", "network-interface")]
        profile = self.parameters.get("IamInstanceProfile.Name")
        role = [self.arn("iam", f"role/{profile}", "")] if profile else []
        return [
            Call("ec2:RunInstances", [self.arn("ec2", "instance/*")], context),
            Call("ec2:RunInstances", [self.arn("ec2", f"{EC2_KINDS[one.split('-')[0]]}/{one}") for one in ids]),
            Call("ec2:RunInstances", [image], {"ec2:Owner": "amazon"}),
            Call("ec2:RunInstances", made),
            Call("ec2:CreateTags", [self.arn("ec2", "instance/*")], {**context, "ec2:CreateAction": "RunInstances"}),
            Call("iam:PassRole", role, {"iam:PassedToService": "ec2.amazonaws.com"}),
        ]

    def query_tags(self, prefix):
        keys = {name: value for name, value in self.parameters.items() if re.fullmatch(rf"{prefix}\.\d+\.Key", name)}
        return {value: self.parameters.get(name[:-3] + "Value", "") for name, value in keys.items()}

    def calls_of_iam(self):
        resources = [self.arn("iam", f"role/{name}", "") for name in self.several("RoleName")]
        context = {"iam:PolicyARN": self.parameters["PolicyArn"]} if "PolicyArn" in self.parameters else {}
        profiles = [self.arn("iam", f"instance-profile/{name}", "") for name in self.several("InstanceProfileName")]
        calls = [Call(f"iam:{self.operation}", profiles or resources or self.several("PolicyArn") or ["*"], context)]
        if self.operation == "AddRoleToInstanceProfile":
            calls.append(Call("iam:PassRole", resources, {"iam:PassedToService": "ec2.amazonaws.com"}))
        if profiles and self.has_query_tags() and self.operation != "TagInstanceProfile":
            calls.append(Call("iam:TagInstanceProfile", profiles))
            return calls
        return self.with_tags(calls, self.has_query_tags())

    def calls_of_ssm(self):
        name = self.parameters.get("Name", "")
        owner = {"account": ""} if name.startswith("/aws/service/") else {}
        return [Call(f"ssm:{self.operation}", [self.arn("ssm", f"parameter{name}", **owner) if name else "*"])]

    def calls_of_sts(self):
        return [Call(f"sts:{self.operation}", self.several("RoleArn") or ["*"])]

    def calls_of_servicequotas(self):
        named = f"{self.parameters['ServiceCode']}/{self.parameters['QuotaCode']}"
        resource = "*" if self.operation == "GetAWSDefaultServiceQuota" else self.arn("servicequotas", named)
        return [Call(f"servicequotas:{self.operation}", [resource])]

    def calls_of_sns(self):
        arns = self.several("TopicArn") + self.several("ResourceArn")
        created = [self.arn("sns", name) for name in self.several("Name")]
        # The ARN of a subscription, which only its own actions take.
        named = arns or created or self.several("SubscriptionArn")
        return self.with_tags([Call(f"sns:{self.operation}", named or ["*"])], self.has_query_tags())

    def calls_of_cloudwatch(self):
        names = self.several("AlarmName") + self.several("AlarmNames.member")
        arns = [self.arn("cloudwatch", f"alarm:{name}") for name in names] + self.several("ResourceARN")
        listed = [self.arn("cloudwatch", "alarm:*")] if self.operation == "DescribeAlarms" else ["*"]
        if self.operation == "DescribeAlarms":
            arns = []
        return self.with_tags([Call(f"cloudwatch:{self.operation}", arns or listed)], self.has_query_tags())

    def calls_of_logs(self):
        parameters = self.parameters
        name = parameters.get("logGroupName")
        arn = parameters.get("resourceArn")
        named = arn or (self.arn("logs", f"log-group:{name}") if name else "*")
        return self.with_tags([Call(f"logs:{self.operation}", [named])], "tags" in parameters)

    def calls_of_secretsmanager(self):
        name = self.parameters.get("SecretId") or self.parameters.get("Name")
        calls = [Call(f"secretsmanager:{self.operation}", [self.secret_arn(name) if name else "*"])]
        return self.with_tags(calls, "Tags" in self.parameters)

    def secret_arn(self, name):
        if name.startswith("arn:"):
            return name
        secrets = secretsmanager_backends[self.account][self.region].secrets
        there = self.operation != "CreateSecret" and name in secrets
        return secrets[name].arn if there else self.arn("secretsmanager", f"secret:{name}")

    def calls_of_kms(self):
        tags = {tag["TagKey"]: tag["TagValue"] for tag in self.parameters.get("Tags", [])}
        context = {f"aws:RequestTag/{name}": value for name, value in tags.items()}
        named = [self.parameters[name] for name in ("KeyId", "TargetKeyId", "AliasName") if name in self.parameters]
        resources = [self.kms_arn(name) for name in named] or ["*"]
        calls = [Call(f"kms:{self.operation}", resources, context)]
        tagged = self.operation == "CreateKey" and tags
        return calls + ([Call("kms:TagResource", [self.kms_arn("*")], context)] if tagged else [])

    def kms_arn(self, name):
        kind = "" if name.startswith(("alias/", "key/")) else "key/"
        return name if name.startswith("arn:") else self.arn("kms", kind + name)


def tags_of(resource, account):
    """The tags that AWS compares with `aws:ResourceTag`, where the stacks' policies need them."""
    _, _, service, region, _, name = resource.split(":", 5) if resource.startswith("arn:") else [""] * 6
    if service == "ec2":
        tags = ec2_backends[account][region].tags.get(name.split("/")[1], {})
        return {name: value for name, value in tags.items()}
    if service == "kms" and name.startswith("key/") and name != "key/*":
        backend = kms_backends[account][region]
        listed = backend.tagger.list_tags_for_resource(name.split("/")[1])
        return {tag["TagKey"]: tag["TagValue"] for tag in listed["Tags"]}
    return {}


def matches(pattern, text):
    """IAM's wildcards: * and ?."""
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, text, re.DOTALL) is not None


OPERATORS = {
    "StringEquals": lambda expected, value: value is not None and value in expected,
    "StringLike": lambda expected, value: value is not None and any(matches(one, value) for one in expected),
    "ArnEquals": lambda expected, value: value is not None and any(matches(one, value) for one in expected),
}


def as_list(value):
    return value if isinstance(value, list) else [value]


def holds(conditions, context):
    """Whether every condition of a statement holds. A condition on a key that the request does not have does not hold.
    """
    for operator, keys in (conditions or {}).items():
        if operator not in OPERATORS:
            raise NotImplementedError(f"the condition operator {operator}")
        for key, expected in keys.items():
            if not OPERATORS[operator](as_list(expected), context.get(key)):
                return False
    return True


def statement_takes(statement, action, resource, context):
    actions, resources = as_list(statement["Action"]), as_list(statement.get("Resource", "*"))
    return (
        any(matches(one.lower(), action.lower()) for one in actions)
        and any(matches(one, resource) for one in resources)
        and holds(statement.get("Condition"), context)
    )


def allowed(policies, call, account):
    """Whether policies allow a call on each of its resources: something allows it, and nothing denies it."""
    statements = [one for policy in policies for one in as_list(policy["Statement"])]
    for resource in call.resources:
        tags = {f"aws:ResourceTag/{name}": value for name, value in tags_of(resource, account).items()}
        taking = [s["Effect"] for s in statements if statement_takes(s, call.action, resource, {**tags, **call.context})]
        if "Allow" not in taking or "Deny" in taking:
            return False
    return True


class Access:
    """Records requests with their callers and, once enforced, refuses what a role's policies do not allow."""

    def __init__(self, account):
        self.account, self.enforced, self.asked = account, False, set()

    def refusal(self, environ):
        """Records a request. @return what to answer instead of AWS: None, or a status, headers and a body."""
        request = Request(environ, self.account)
        role, calls = self.role_of(request.key), request.calls()
        refused = self.refused(role, request, calls) if self.enforced else []
        for call in calls:
            self.asked |= {(role, call.action, resource, call in refused) for resource in call.resources}
        return denied(request, refused[0]) if refused else None

    def refused(self, role, request, calls):
        """The account's own keys may do everything, and everyone may call GetCallerIdentity."""
        if request.operation == "AssumeRoleWithWebIdentity":
            return [] if self.trusted(request) else calls
        if role is None or request.operation == "GetCallerIdentity":
            return []
        policies = self.policies_of(role, request.region)
        return [call for call in calls if not allowed(policies, call, self.account)]

    def record(self):
        names = ("role", "action", "resource", "refused")
        return [dict(zip(names, row)) for row in sorted(self.asked, key=lambda row: [str(cell) for cell in row])]

    def role_of(self, key):
        for backend in sts_backends[self.account].values():
            for session in backend.assumed_roles:
                if session.access_key_id == key:
                    return session.role_arn.split("/")[-1]
        return None

    def iam(self, region):
        return iam_backends[self.account][get_partition(region)]

    def policies_of(self, role, region):
        role = self.iam(region).get_role(role)
        managed = [
            version.document
            for policy in role.managed_policies.values()
            for version in policy.versions
            if version.version_id == policy.default_version_id
        ]
        return [json.loads(unquote(policy)) for policy in [*role.policies.values(), *managed]]

    def trusted(self, request):
        """Whether the role's trust policy accepts the claims of a token. Its signature is not checked."""
        claims = request.parameters["WebIdentityToken"].split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        provider = claims["iss"].removeprefix("https://")
        context = {f"{provider}:{name}": value for name, value in claims.items()}
        role = self.iam(request.region).get_role_by_arn(request.parameters["RoleArn"])
        policy = json.loads(unquote(role.assume_role_policy_document))
        return any(
            statement["Principal"].get("Federated", "").endswith(f":oidc-provider/{provider}")
            and statement_takes(statement, "sts:AssumeRoleWithWebIdentity", "*", context)
            for statement in as_list(policy["Statement"])
        )


def denied(request, call):
    """AWS's refusal, in the protocol of the service."""
    message = f"Not authorized to perform: {call.action} on resource: {', '.join(call.resources)}"
    if request.target:
        body = json.dumps({"__type": "AccessDeniedException", "message": message})
        return "400 Bad Request", [("Content-Type", "application/x-amz-json-1.1")], body
    code = "UnauthorizedOperation" if request.service == "ec2" else "AccessDenied"
    error = f"<Code>{code}</Code><Message>{html.escape(message)}</Message>"
    body = {
        "ec2": f"<Response><Errors><Error>{error}</Error></Errors><RequestID>denied</RequestID></Response>",
        "s3": f"<Error>{error}</Error>",
    }.get(request.service, f"<ErrorResponse><Error>{error}</Error><RequestId>denied</RequestId></ErrorResponse>")
    return "403 Forbidden", [("Content-Type", "text/xml")], body
