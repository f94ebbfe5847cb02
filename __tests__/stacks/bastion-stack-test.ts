import { App, Testing } from "cdktf";
import { bastionsOf } from "../../settings/bastion";
import { BastionStack } from "../../stacks/bastion-stack";
import { type Changes, environmentWith, REPLICATION_GROUP } from "../minimal-environment";
import { parsed } from "../synthesized";

const ID = "news-api-test-bastion";

function synth(changes: Changes = {}) {
  const environment = environmentWith({ "bastion.route": "nat", ...changes });
  const [bastion] = bastionsOf(environment);
  if (!bastion) {
    throw new Error("The environment has no bastion.");
  }
  const app = Testing.stubVersion(new App({ stackTraces: false }));
  return parsed(Testing.synth(new BastionStack(app, ID, { environment, bastion }), true));
}

test("the stack has exactly these resources, at these addresses", () => {
  expect(synth().addresses).toEqual([
    "aws_iam_instance_profile.bastion",
    "aws_iam_role.bastion",
    "aws_iam_role_policy_attachment.bastion",
    "aws_instance.bastion",
    "aws_security_group.bastion",
    "aws_vpc_security_group_egress_rule.bastion_to_port_5432",
    "aws_vpc_security_group_egress_rule.bastion_to_port_6379",
    "aws_vpc_security_group_egress_rule.bastion_to_systems_manager",
    "aws_vpc_security_group_ingress_rule.cache_from_bastion",
    "aws_vpc_security_group_ingress_rule.database_from_bastion",
  ]);
});

test("its state is in the bucket of the data stores' states", () => {
  expect(synth().terraform.backend.s3).toMatchObject({ key: "news-api/test/bastion.tfstate" });
});

test("the instance is the smallest, with IMDSv2, an encrypted volume and no key pair", () => {
  expect(synth().resource.aws_instance?.bastion).toEqual({
    ami: "${data.aws_ssm_parameter.image.insecure_value}",
    associate_public_ip_address: false,
    credit_specification: { cpu_credits: "standard" },
    depends_on: ["aws_iam_role_policy_attachment.bastion"],
    ebs_optimized: true,
    iam_instance_profile: "${aws_iam_instance_profile.bastion.name}",
    instance_type: "t4g.nano",
    lifecycle: { ignore_changes: ["ami"] },
    metadata_options: {
      http_endpoint: "enabled",
      http_put_response_hop_limit: 1,
      http_tokens: "required",
    },
    root_block_device: { encrypted: true, volume_type: "gp3" },
    subnet_id: "subnet-0123456a",
    tags: { Name: ID },
    vpc_security_group_ids: ["${aws_security_group.bastion.id}"],
  });
});

test.each([
  ["us-east-1", "aws", "ec2.amazonaws.com"],
  ["cn-north-1", "aws-cn", "ec2.amazonaws.com.cn"],
])(
  "in %s, only EC2 may assume its role, which has only the agent's policy",
  (region, partition, service) => {
    const { resource } = synth({ region });
    expect(resource.aws_iam_role?.bastion?.assume_role_policy).toContain(
      `"Principal" = {"Service" = "${service}"}`,
    );
    expect(resource.aws_iam_role_policy_attachment).toEqual({
      bastion: {
        role: "${aws_iam_role.bastion.name}",
        policy_arn: `arn:${partition}:iam::aws:policy/AmazonSSMManagedInstanceCore`,
      },
    });
  },
);

test.each([
  ["nat", false, ["bastion_to_port_5432", "bastion_to_port_6379", "bastion_to_systems_manager"]],
  [
    "public-ip",
    true,
    ["bastion_to_port_5432", "bastion_to_port_6379", "bastion_to_systems_manager"],
  ],
  ["vpc-endpoints", false, ["bastion_to_port_443", "bastion_to_port_5432", "bastion_to_port_6379"]],
])("with the route %s, it has only the egress rules that it needs", (route, hasAddress, rules) => {
  const { resource } = synth({ "bastion.route": route });
  expect(resource.aws_instance?.bastion?.associate_public_ip_address).toBe(hasAddress);
  const egress = Object.entries(resource.aws_vpc_security_group_egress_rule ?? {});
  expect(egress.map(([address]) => address).sort()).toEqual(rules);
  const outside = egress.filter(
    ([, { cidr_ipv4 }]) => cidr_ipv4 !== "${data.aws_vpc.vpc.cidr_block}",
  );
  expect(
    outside.map(([, { cidr_ipv4, from_port, to_port }]) => [cidr_ipv4, from_port, to_port]),
  ).toEqual(route === "vpc-endpoints" ? [] : [["0.0.0.0/0", 443, 443]]);
});

test("data stores on one port share an egress rule, and each has its own ingress rule", () => {
  const { resource } = synth({
    cache: undefined,
    "caches.sessions": { ...REPLICATION_GROUP, port: 5432, securityGroupName: "sessions" },
  });
  expect(Object.keys(resource.aws_vpc_security_group_egress_rule ?? {})).toEqual([
    "bastion_to_port_5432",
    "bastion_to_systems_manager",
  ]);
  expect(resource.aws_vpc_security_group_ingress_rule).toEqual({
    database_from_bastion: expect.objectContaining({ from_port: 5432, to_port: 5432 }),
    sessions_from_bastion: {
      count: "${length(data.aws_security_groups.sessions.ids)}",
      security_group_id: "${data.aws_security_groups.sessions.ids[count.index]}",
      referenced_security_group_id: "${aws_security_group.bastion.id}",
      description: "the bastion to the cache",
      ip_protocol: "tcp",
      from_port: 5432,
      to_port: 5432,
    },
  });
});

test("it finds a data store's security group by its name in the VPC", () => {
  const { data } = synth({ "database.securityGroupName": "own", "bastion.stores": ["database"] });
  expect(data.aws_security_groups).toEqual({
    database: {
      filter: [
        { name: "group-name", values: ["own"] },
        { name: "vpc-id", values: ["vpc-0123456789abcdef0"] },
      ],
    },
  });
});

test("it finds a security group that a data store keeps by its id", () => {
  const { data } = synth({ "database.kept": { securityGroupIds: ["sg-01234567"] } });
  expect(data.aws_security_groups?.database?.filter).toContainEqual({
    name: "group-id",
    values: ["sg-01234567"],
  });
});

test("the outputs contain the instance's ID and the data stores in which it has a rule", () => {
  const { output } = synth();
  expect(Object.keys(output)).toEqual([
    "bastion_instance_id",
    "bastion_security_group_id",
    "bastion_stores",
  ]);
  expect(output.bastion_stores?.value).toEqual({
    cache: "${length(data.aws_security_groups.cache.ids) > 0}",
    database: "${length(data.aws_security_groups.database.ids) > 0}",
  });
});

test.each([
  [{ "bastion.subnetId": "subnet-0123456789abcdef0" }, "subnet-0123456789abcdef0", ["ami"]],
  [
    { network: { vpcId: "default", subnetIds: "all" } },
    "${element(sort(data.aws_subnets.subnets.ids), 0)}",
    ["ami", "subnet_id"],
  ],
])("its subnet: %j", (changes, subnet, ignored) => {
  expect(synth(changes).resource.aws_instance?.bastion).toMatchObject({
    subnet_id: subnet,
    lifecycle: { ignore_changes: ignored },
  });
});
