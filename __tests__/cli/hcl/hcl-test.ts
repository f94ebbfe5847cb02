import { hclOf } from "../../../cli/hcl/hcl";

const BLOCKS = new Set([
  "provider.aws.default_tags",
  "resource.aws_x.rule",
  "resource.aws_x.rule.filter",
]);

test("blocks come in a fixed order, arguments in columns, then longer arguments, then nested blocks", () => {
  const configuration = {
    output: { name: { value: "${aws_x.y.name}", sensitive: true } },
    resource: {
      aws_x: {
        y: {
          depends_on: ["aws_x.z"],
          lifecycle: {
            create_before_destroy: true,
            ignore_changes: ["tags"],
            replace_triggered_by: ["aws_x.z"],
          },
          long: Array(4).fill("0123456789012345678901234567890"),
          name: "y",
          nothing: null,
          rule: [{ id: 1, filter: [{ prefix: "" }] }, { id: 2 }, {}],
          tags: { Name: "y", "aws:x": "z" },
        },
        z: {},
      },
    },
    ephemeral: { aws_password: { p: { password_length: 40 } } },
    data: { aws_vpc: { v: { default: true } } },
    provider: { aws: [{ region: "us-east-1", default_tags: [{ tags: { a: "b" } }] }] },
    terraform: {
      required_version: ">= 1.11.0",
      required_providers: { aws: { source: "aws", version: "6.0.0" } },
      backend: { s3: { bucket: "b" } },
    },
    import: [{ to: "aws_x.y", id: "y" }],
    moved: [{ from: "aws_x.old", to: "aws_x.y" }],
  };
  expect(hclOf(configuration, BLOCKS)).toBe(`terraform {
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "aws"
      version = "6.0.0"
    }
  }

  backend "s3" {
    bucket = "b"
  }
}

provider "aws" {
  region = "us-east-1"

  default_tags {
    tags = {
      a = "b"
    }
  }
}

data "aws_vpc" "v" {
  default = true
}

ephemeral "aws_password" "p" {
  password_length = 40
}

resource "aws_x" "y" {
  depends_on = [aws_x.z]
  name       = "y"
  nothing    = null
  long = [
    "0123456789012345678901234567890",
    "0123456789012345678901234567890",
    "0123456789012345678901234567890",
    "0123456789012345678901234567890",
  ]
  tags = {
    Name    = "y"
    "aws:x" = "z"
  }

  lifecycle {
    create_before_destroy = true
    ignore_changes        = [tags]
    replace_triggered_by  = [aws_x.z]
  }

  rule {
    id = 1

    filter {
      prefix = ""
    }
  }

  rule {
    id = 2
  }

  rule {}
}

resource "aws_x" "z" {}

import {
  to = aws_x.y
  id = "y"
}

moved {
  from = aws_x.old
  to   = aws_x.y
}

output "name" {
  value     = aws_x.y.name
  sensitive = true
}
`);
});

test("reasons and waivers become comments, and cdktf's own notes do not", () => {
  const notes = (ours: object) => ({ "//": { metadata: { path: "x" }, outputs: {}, ...ours } });
  const configuration = {
    ...notes({ waivers: { "S3.9": "Another\nbucket." } }),
    resource: { aws_x: { y: { ...notes({ reasons: { multiAz: "It is small." } }), name: "y" } } },
  };
  expect(hclOf(configuration, BLOCKS)).toBe(`# waiver S3.9: Another bucket.

resource "aws_x" "y" {
  # reason multiAz: It is small.
  name = "y"
}
`);
});

test("a block that the writer does not know is an error, never left out", () => {
  expect(() => hclOf({ resource: {}, action: {}, query: {} }, BLOCKS)).toThrow(
    "action, query: cannot be written as HCL. Synthesize without --hcl, or add it to cli/hcl/hcl.ts.",
  );
});

test("keys that are not valid names, or have another meaning, are quoted", () => {
  const locals = { "a b": 1, for: 2, "${aws_x.y.id}": 3, "managed-by": 4 };
  expect(hclOf({ locals: { x: locals } }, BLOCKS)).toBe(`locals {
  x = {
    "a b"        = 1
    "for"        = 2
    (aws_x.y.id) = 3
    managed-by   = 4
  }
}
`);
});
