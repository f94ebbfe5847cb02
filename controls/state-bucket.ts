import {
  atLeast,
  type Check,
  checkOn,
  companion,
  inside,
  isOneOf,
  isSet,
  isTrue,
  judged,
} from "./check";
import type { Control, Demand } from "./control";
import { references, Unknown } from "./expression";
import { allowsNothing, type Statement, statementsOf } from "./policy";
import { STACK } from "./synthesized-stack";
import type { TerraformBlock } from "./terraform-block";

const buckets = (...checks: Check[]): Demand[] => [{ type: "aws_s3_bucket", checks }];
const has = (type: string, ...checks: Check[]) => buckets(companion(type, "bucket", checks));

const enabledRule: Check = inside("rule", isOneOf("status", ["Enabled"]));

function encryptedBy(check: Check): Check {
  return inside("rule", inside("apply_server_side_encryption_by_default", check));
}

/** A statement denies only if all its conditions match, so a second condition could let requests without TLS through. */
function deniesWithoutTls(statement: Statement): boolean {
  const { effect, actions, principals, conditions, withExceptions } = statement;
  return (
    effect === "Deny" &&
    !withExceptions &&
    principals.includes("*") &&
    actions.some((action) => ["*", "s3:*"].includes(action)) &&
    conditions.length === 1 &&
    conditions.every(
      ({ test, variable, values }) =>
        test === "Bool" && variable === "aws:SecureTransport" && values.includes("false"),
    )
  );
}

/** Whether an ARN names the bucket of a policy, by reference or by name. */
function isItsBucket(policy: TerraformBlock, arn: string): boolean {
  const [address = ""] = references(policy.attributes.bucket);
  const name = policy.stack.at(address)?.value("bucket") ?? policy.value("bucket");
  return (
    arn === `\${${address}.arn}` || (typeof name === "string" && arn.endsWith(`:s3:::${name}`))
  );
}

const tlsOnly: Check = {
  attribute: "policy",
  must: "deny everyone every action without aws:SecureTransport, with no other condition, on this bucket and its objects",
  look: (policy) => {
    const statements = statementsOf(policy, "policy");
    if (statements instanceof Unknown) {
      return { verdict: "unknown", got: statements.expression };
    }
    const denied = statements.filter(deniesWithoutTls).flatMap(({ resources }) => resources);
    const objects = denied.filter((resource) => resource.endsWith("/*"));
    return denied.some((resource) => isItsBucket(policy, resource)) &&
      objects.some((resource) => isItsBucket(policy, resource.slice(0, -"/*".length)))
      ? { verdict: "holds", got: "such a statement" }
      : { verdict: "fails", got: "no such statement" };
  },
};

/** Only the account of the stack. */
function strangers(policy: TerraformBlock, { principals }: Statement): string[] {
  const accounts = policy.stack
    .ofType("provider.aws")
    .flatMap((provider) => provider.list("allowed_account_ids"));
  return principals.filter((who) => !accounts.some((account) => who.includes(`::${account}:`)));
}

const noStrangers: Check = {
  attribute: "policy",
  must: "allow nothing to another account",
  look: (policy) => allowsNothing(policy, "policy", (statement) => strangers(policy, statement)),
};

const WITH_POLICY = "aws_s3_bucket_policy";
const ENCRYPTION = "aws_s3_bucket_server_side_encryption_configuration";
const LIFECYCLE = "aws_s3_bucket_lifecycle_configuration";

const BACKEND = "terraform.backend.";

/** Without a backend block, Terraform writes the state to a local file. */
const keepsStateInS3: Check = {
  attribute: "terraform.backend",
  must: "be s3 only",
  look: ({ stack }) => {
    const kinds = stack.blocks
      .filter(({ type }) => type.startsWith(BACKEND))
      .map(({ type }) => type.slice(BACKEND.length));
    return judged(kinds, () => kinds.join() === "s3");
  },
};

/** If the state buckets are synthesized too. The other controls evaluate the environment's own bucket only. */
const inStateBucket: Check = {
  attribute: "bucket",
  must: "be the bucket of a state-bucket stack, if there is one",
  look: (backend, stacks) => {
    const buckets = stacks
      .flatMap((stack) => stack.ofType("aws_s3_bucket"))
      .map((bucket) => bucket.value("bucket"));
    return judged(
      backend.value("bucket"),
      (name) => buckets.length === 0 || buckets.includes(name),
    );
  },
};

/** If two stacks share a state, applying one destroys the resources of the other. */
const isTheOnlyOne: Check = {
  attribute: "key",
  must: "differ from that of every other stack",
  look: (backend, stacks) => {
    const stateOf = (block: TerraformBlock) => `${block.value("bucket")}/${block.value("key")}`;
    const others = stacks
      .filter(({ id }) => id !== backend.stack.id)
      .flatMap((stack) => stack.ofType("terraform.backend.s3"));
    const same = others.filter((other) => stateOf(other) === stateOf(backend));
    return same.length === 0
      ? { verdict: "holds", got: "its own" }
      : { verdict: "fails", got: `that of ${same.map(({ stack }) => stack.id).join(", ")}` };
  },
};

/** The state bucket. */
export const stateBucketControls: readonly Control[] = [
  {
    id: "S3.8",
    also: [
      ...["S3.2", "S3.3", "CKV_AWS_53", "CKV_AWS_54", "CKV_AWS_55", "CKV_AWS_56", "CKV2_AWS_6"],
      ...["AVD-AWS-0086", "AVD-AWS-0087", "AVD-AWS-0091", "AVD-AWS-0093", "AVD-AWS-0094"],
      "CIS-5.0.0/2.1.4",
    ],
    demands: "The bucket is never public, whatever its policy or its object ACLs allow.",
    on: has(
      "aws_s3_bucket_public_access_block",
      isTrue("block_public_acls"),
      isTrue("block_public_policy"),
      isTrue("ignore_public_acls"),
      isTrue("restrict_public_buckets"),
    ),
  },
  {
    id: "S3.5",
    also: ["CKV_AWS_379", "CIS-5.0.0/2.1.1"],
    demands: "The bucket refuses requests without TLS.",
    on: has(WITH_POLICY, tlsOnly),
  },
  {
    id: "S3.6",
    also: ["CKV_AWS_70"],
    demands: "The bucket's policy allows nothing to other accounts.",
    on: [{ type: WITH_POLICY, checks: [noStrangers] }],
  },
  {
    id: "S3.9",
    also: ["CKV_AWS_18", "AVD-AWS-0089"],
    demands: "Access to the bucket is logged.",
    production: true,
    on: has("aws_s3_bucket_logging"),
  },
  {
    id: "S3.11",
    also: ["CKV2_AWS_62"],
    demands: "The bucket sends event notifications.",
    production: true,
    on: has("aws_s3_bucket_notification"),
  },
  {
    id: "S3.12",
    also: ["CKV2_AWS_65"],
    demands: "Access control lists are disabled for the bucket.",
    on: has(
      "aws_s3_bucket_ownership_controls",
      inside("rule", isOneOf("object_ownership", ["BucketOwnerEnforced"])),
    ),
  },
  {
    id: "S3.13",
    also: ["S3.10", "CKV2_AWS_61"],
    demands: "Noncurrent versions expire.",
    on: has(
      LIFECYCLE,
      enabledRule,
      inside("rule", inside("noncurrent_version_expiration", atLeast("noncurrent_days", 1))),
    ),
  },
  {
    id: "CKV_AWS_300",
    also: [],
    demands: "Incomplete multipart uploads are aborted.",
    on: has(
      LIFECYCLE,
      inside(
        "rule",
        inside("abort_incomplete_multipart_upload", atLeast("days_after_initiation", 1)),
      ),
    ),
  },
  {
    id: "S3.14",
    also: ["CKV_AWS_21", "AVD-AWS-0090"],
    demands: "An overwritten state can be restored.",
    on: has(
      "aws_s3_bucket_versioning",
      inside("versioning_configuration", isOneOf("status", ["Enabled"])),
    ),
  },
  {
    id: "CKV_AWS_19",
    also: ["AVD-AWS-0088"],
    demands: "The bucket is encrypted at rest.",
    on: has(
      ENCRYPTION,
      encryptedBy(isOneOf("sse_algorithm", ["AES256", "aws:kms", "aws:kms:dsse"])),
    ),
  },
  {
    id: "S3.17",
    also: ["CKV_AWS_145", "AVD-AWS-0132"],
    demands: "The bucket is encrypted with a customer managed key.",
    production: true,
    on: has(
      ENCRYPTION,
      encryptedBy(isOneOf("sse_algorithm", ["aws:kms", "aws:kms:dsse"])),
      encryptedBy(isSet("kms_master_key_id")),
    ),
  },
  {
    id: "MDS.10",
    also: [],
    demands: "Terraform refuses to destroy the bucket.",
    on: buckets(inside("lifecycle", isTrue("prevent_destroy"))),
  },
  {
    id: "MDS.7",
    also: [],
    demands: "Each data store has its own state in S3, encrypted and locked during an apply.",
    on: [
      {
        type: "terraform.backend.s3",
        checks: [isTrue("encrypt"), isTrue("use_lockfile"), inStateBucket, isTheOnlyOne],
      },
      {
        type: STACK,
        only: { says: "with a data store", takes: ({ stack }) => hasStore(stack) },
        checks: [keepsStateInS3],
      },
      {
        type: "terraform.backend.local",
        only: { says: "of a stack with a data store", takes: ({ stack }) => hasStore(stack) },
        checks: [checkOn("path", "be in S3, not in a local file", () => false)],
      },
    ],
  },
];

function hasStore(stack: TerraformBlock["stack"]): boolean {
  return stack.blocks.some(({ type }) => /^aws_(db_instance|elasticache_)/.test(type));
}
