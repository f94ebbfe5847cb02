import { references, Unknown } from "../../controls/expression";
import { SynthesizedStack } from "../../controls/synthesized-stack";

const stack = new SynthesizedStack("stack", {
  resource: {
    aws_db_instance: {
      database: { identifier: "news-api-db", port: 5432, multi_az: true, zone: null },
      replica: { identifier: "${aws_db_instance.database.identifier}-replica" },
      circle: { identifier: "${aws_db_instance.circle.identifier}" },
      self: { identifier: "${var.name}" },
    },
  },
  data: { aws_vpc: { vpc: { id: "vpc-01234567" } } },
  output: { port: { value: 5432 } },
  provider: { aws: [{ region: "us-east-1" }, { region: "eu-west-1" }] },
  terraform: { backend: { s3: { encrypt: true } } },
});

test("every block has its type and its address", () => {
  expect(stack.blocks.map(({ type, address }) => [type, address])).toEqual([
    ["aws_db_instance", "aws_db_instance.database"],
    ["aws_db_instance", "aws_db_instance.replica"],
    ["aws_db_instance", "aws_db_instance.circle"],
    ["aws_db_instance", "aws_db_instance.self"],
    ["data.aws_vpc", "data.aws_vpc.vpc"],
    ["output", "output.port"],
    ["provider.aws", "provider.aws"],
    ["provider.aws", "provider.aws"],
    ["terraform.backend.s3", "terraform.backend.s3"],
  ]);
});

test.each<[unknown, unknown]>([
  ["a text", "a text"],
  [5, 5],
  [null, undefined],
  ["${aws_db_instance.database.port}", 5432],
  ["${aws_db_instance.database.multi_az}", true],
  ["${aws_db_instance.replica.identifier}", "news-api-db-replica"],
  ["${data.aws_vpc.vpc.id}", "vpc-01234567"],
  ["/${data.aws_vpc.vpc.id}/${aws_db_instance.database.port}", "/vpc-01234567/5432"],
])("%j resolves to %j", (value, resolved) => {
  expect(stack.resolve(value)).toEqual(resolved);
});

test.each([
  "${var.port}",
  "${aws_db_instance.database.address}",
  "${aws_db_instance.database.zone}",
  "${aws_db_instance.nowhere.port}",
  "${aws_db_instance.circle.identifier}",
  "${aws_db_instance.self.identifier}",
  "${urlencode(aws_db_instance.database.identifier)}",
  "${jsonencode({})}",
  "db-${aws_db_instance.database.address}",
])("%s is unknown", (value) => {
  expect(stack.resolve(value)).toEqual(new Unknown(value));
});

test("references are found at any depth, with their full addresses", () => {
  expect(
    references({
      a: ["${aws_kms_key.a.arn}", "aws_kms_key.text.arn"],
      b: { c: "x-${data.aws_vpc.vpc.cidr_block}-${upper(aws_kms_key.ab[0].id)}" },
    }),
  ).toEqual(["aws_kms_key.a", "data.aws_vpc.vpc", "aws_kms_key.ab"]);
});
