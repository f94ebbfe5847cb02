import { difference } from "../../../operations/review/base/configuration-changes";
import { guard } from "../../../operations/review/guard";

const stack = (attributes: object, more: object = {}) => ({
  resource: { aws_db_instance: { database: { identifier: "db", ...attributes } } },
  ...more,
});
const judged = (...[base, head]: Parameters<typeof difference>) => {
  const { changes, findings } = difference(base, head);
  return [...guard(changes, []), ...findings].map(({ id, address }) => `${id} ${address}`);
};

test.each([
  [{ username: "a" }, { username: "b" }, ["replace aws_db_instance.database"]],
  [{ multi_az: true }, {}, ["multi-az aws_db_instance.database"]],
  [{ allocated_storage: 20 }, { allocated_storage: 30 }, []],
  [
    { kms_key_id: "arn" },
    { kms_key_id: "${aws_kms_key.data.arn}" },
    ["replace aws_db_instance.database"],
  ],
  [{ lifecycle: { prevent_destroy: true } }, {}, ["prevent-destroy aws_db_instance.database"]],
])("%j, then %j", (before, after, expected) => {
  expect(judged(stack(before), stack(after))).toEqual(expected);
});

test("a removed resource is deleted, and one with a removed block is forgotten", () => {
  expect(judged(stack({}), {})).toEqual(["delete aws_db_instance.database"]);
  expect(judged(stack({}), { removed: [{ from: "aws_db_instance.database" }] })).toEqual([
    "forget aws_db_instance.database",
  ]);
});

test("a moved resource stays the same", () => {
  const moved = [{ from: "aws_db_instance.database", to: "aws_db_instance.main" }];
  const head = { resource: { aws_db_instance: { main: { identifier: "db" } } }, moved };
  expect(judged(stack({}), head)).toEqual([]);
  expect(difference(stack({}), head).changes).toMatchObject([
    { address: "aws_db_instance.main", previousAddress: "aws_db_instance.database" },
  ]);
});

test("a client of the VPC's own CIDR is known well enough", () => {
  const rule = (cidr_ipv4: string) => ({
    resource: {
      aws_vpc_security_group_ingress_rule: {
        a: { cidr_ipv4, ip_protocol: "tcp", from_port: 1, to_port: 1 },
      },
    },
  });
  expect(judged({}, rule("${data.aws_vpc.network.cidr_block}"))).toEqual([]);
  expect(judged({}, rule("${data.other.network.cidr}"))).toEqual([
    "open-rule aws_vpc_security_group_ingress_rule.a",
  ]);
});
