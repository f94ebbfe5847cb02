import { impacts } from "../../../operations/review/impact";
import { changed, updated } from "./planned-resource";

const INSTANCE = "aws_db_instance";
const GROUP = "aws_elasticache_replication_group";
const NOW = { apply_immediately: true };

test.each([
  [INSTANCE, { instance_class: "a" }, { instance_class: "b" }, "downtime"],
  [
    INSTANCE,
    { instance_class: "a", multi_az: true },
    { instance_class: "b", multi_az: true },
    "failover",
  ],
  [INSTANCE, { allocated_storage: 20 }, { allocated_storage: 30 }, "slower I/O"],
  [INSTANCE, { engine_version: "15" }, { engine_version: "16" }, "downtime"],
  [INSTANCE, { identifier: "a" }, { identifier: "b" }, "reboot"],
  [INSTANCE, { backup_retention_period: 0 }, { backup_retention_period: 7 }, "downtime"],
  [INSTANCE, { backup_retention_period: 7 }, { backup_retention_period: 8 }, "nothing"],
  [INSTANCE, { password_wo_version: 1 }, { password_wo_version: 2 }, "clients"],
  [INSTANCE, { tags: {} }, { tags: { a: "b" } }, "nothing"],
  [INSTANCE, { network_type: "IPV4" }, { network_type: "DUAL" }, "see AWS"],
  [GROUP, { node_type: "a" }, { node_type: "b" }, "downtime"],
  [GROUP, { node_type: "a" }, { node_type: "b", automatic_failover_enabled: true }, "failover"],
  ["aws_instance", { instance_type: "t4g.nano" }, { instance_type: "t4g.micro" }, "clients"],
  ["aws_instance", { tags: {} }, { tags: { a: "b" } }, "nothing"],
  ["aws_cloudwatch_metric_alarm", { threshold: 1 }, { threshold: 2 }, "nothing"],
])("%s: %j to %j", (type, before, after, effect) => {
  const [impact] = impacts([updated(type, before, { ...after, ...NOW })]).filter(
    ({ attribute }) =>
      attribute in before && !["multi_az", "apply_immediately"].includes(attribute),
  );
  expect(impact).toMatchObject({ effect, when: "during the apply" });
});

test("without applyImmediately, a class changes in the maintenance window", () => {
  const change = updated(INSTANCE, { instance_class: "a" }, { instance_class: "b" });
  expect(impacts([change])).toEqual([
    {
      address: "aws_db_instance.database",
      attribute: "instance_class",
      effect: "downtime",
      when: "not before the maintenance window",
      message: "The instance is down for some minutes.",
      link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.Settings.html",
    },
  ]);
});

test("a static parameter waits for a reboot, a dynamic one does not", () => {
  const changed = (name: string) =>
    impacts([
      updated("aws_db_parameter_group", { parameter: [] }, { parameter: [{ name, value: "1" }] }),
    ]).map(({ effect, message }) => `${effect}: ${message}`);
  expect(changed("max_connections")).toEqual([
    "reboot: max_connections: takes effect after a reboot that you start.",
  ]);
  expect(changed("work_mem")).toEqual(["nothing: work_mem: takes effect without a reboot."]);
});

const RULE = "aws_vpc_security_group_ingress_rule";

test("a client whose source becomes another kind loses the old one", () => {
  const rule = changed(RULE, "create,delete", {
    before: { cidr_ipv4: "10.0.0.0/16" },
    after: { referenced_security_group_id: "sg-1" },
  });
  expect(impacts([rule])).toMatchObject([
    {
      effect: "clients",
      when: "during the apply",
      message: "Clients that only the old source admits can no longer connect.",
    },
  ]);
});

test("a rule that moves to another security group with the same source affects no client", () => {
  const rule = changed(RULE, "create,delete", {
    before: { cidr_ipv4: "10.0.0.0/16", security_group_id: "sg-1" },
    after: { cidr_ipv4: "10.0.0.0/16", security_group_id: "sg-2" },
  });
  expect(impacts([rule])).toEqual([]);
});
