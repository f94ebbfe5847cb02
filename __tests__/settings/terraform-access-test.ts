import { parseEnvironment } from "../../settings/environment";
import { backendAccess, bucketStackAccess, providerAccess } from "../../settings/terraform-access";
import { CacheStack } from "../../stacks/cache-stack";
import { DatabaseStack } from "../../stacks/database-stack";
import { stateBucketsOf } from "../../stacks/state-buckets";
import { type Changes, environmentWith, problemsWith, settingsWith } from "../minimal-environment";
import { synthesized } from "../synthesized";

const OURS = "222222222222";
const THEIRS = "333333333333";
const role = (account: string) => ({
  roleArn: `arn:aws:iam::${account}:role/terraform`,
  externalId: "news:2026",
  sessionName: "terraform",
});

/** The provider and the backend of both stacks, which must agree. */
function accessOf(changes: Changes) {
  const [database, cache] = [DatabaseStack, CacheStack].map((Stack) => {
    const { provider, terraform } = synthesized(Stack, changes);
    const { key: _, ...backend } = terraform.backend.s3 ?? {};
    const { default_tags: __, ...aws } = provider.aws[0] ?? {};
    return { aws, backend };
  });
  expect(cache).toEqual(database);
  return database;
}

const BUCKET = {
  bucket: "news-api-test-state",
  encrypt: true,
  region: "us-east-1",
  use_lockfile: true,
};

test("without an account, a role or a profile, Terraform uses the credentials that it finds", () => {
  expect(accessOf({})).toEqual({ aws: { region: "us-east-1" }, backend: BUCKET });
});

test("the provider and the backend use the role and the profile, and allow only the role's account", () => {
  const assumed = {
    role_arn: role(OURS).roleArn,
    external_id: "news:2026",
    session_name: "terraform",
  };
  expect(accessOf({ assumeRole: role(OURS), profile: "news-prod" })).toEqual({
    aws: {
      region: "us-east-1",
      profile: "news-prod",
      assume_role: [assumed],
      allowed_account_ids: [OURS],
    },
    backend: { ...BUCKET, profile: "news-prod", assume_role: assumed, allowed_account_ids: [OURS] },
  });
  expect(environmentWith({ assumeRole: role(OURS) }).account).toBe(OURS);
});

test("for a state bucket in another account, the backend uses the bucket's role and allows only its account", () => {
  const changes = {
    account: OURS,
    assumeRole: role(OURS),
    profile: "news",
    "stateBucket.assumeRole": { roleArn: role(THEIRS).roleArn },
  };
  expect(accessOf(changes)).toMatchObject({
    aws: { assume_role: [{ role_arn: role(OURS).roleArn }], allowed_account_ids: [OURS] },
    backend: {
      profile: "news",
      assume_role: { role_arn: role(THEIRS).roleArn },
      allowed_account_ids: [THEIRS],
    },
  });
  const environment = environmentWith(changes);
  expect(bucketStackAccess(environment)).toEqual(backendAccess(environment));
});

test("for a bucket in another account without its own role, the backend uses the environment's role", () => {
  const environment = environmentWith({
    account: OURS,
    assumeRole: role(OURS),
    "stateBucket.account": THEIRS,
  });
  // Terraform compares the account of the credentials, which is still the environment's.
  expect(backendAccess(environment)).toEqual(providerAccess(environment));
  // That role cannot create a bucket in another account: apply with that account's credentials.
  expect(bucketStackAccess(environment)).toEqual({ account: THEIRS });
});

test("a profile for the state replaces the environment's credentials", () => {
  const environment = environmentWith({
    account: OURS,
    assumeRole: role(OURS),
    "stateBucket.account": THEIRS,
    "stateBucket.profile": "states",
  });
  expect(backendAccess(environment)).toEqual({ profile: "states", account: THEIRS });
});

test("environments that share a bucket may use it with different roles", () => {
  const named = (name: string, account: string) =>
    parseEnvironment(
      settingsWith({
        name,
        account,
        "stateBucket.account": THEIRS,
        "stateBucket.assumeRole": { roleArn: `arn:aws:iam::${THEIRS}:role/${name}` },
      }),
    );
  const [bucket, ...others] = stateBucketsOf([named("dev", OURS), named("prod", "444444444444")]);
  expect(others).toEqual([]);
  expect(bucket?.access).toEqual({ account: THEIRS });
  expect(stateBucketsOf([named("dev", OURS)])[0]?.access.assumeRole?.roleArn).toBe(
    `arn:aws:iam::${THEIRS}:role/dev`,
  );
});

test.each<[Changes, string]>([
  [
    { account: OURS, assumeRole: role(THEIRS) },
    `assumeRole.roleArn: must be a role of the environment's account ${OURS}; got: "${role(THEIRS).roleArn}". Use a role of that account.`,
  ],
  [
    { "stateBucket.account": THEIRS, "stateBucket.assumeRole": role(OURS) },
    `stateBucket.assumeRole.roleArn: must be a role of the bucket's account ${THEIRS}; got: "${role(OURS).roleArn}". Use a role of that account.`,
  ],
  [
    { assumeRole: {} },
    "assumeRole.roleArn: is required; got: nothing. Set it to the full ARN of an IAM role.",
  ],
  [
    { "assumeRole.roleArn": role(OURS).roleArn, "assumeRole.externalId": "a" },
    'assumeRole.externalId: must be 2 to 1224 letters, digits and _+=,.@:/-; got: "a". Use the external ID that the role\'s owner gave you.',
  ],
  [
    { "assumeRole.roleArn": role(OURS).roleArn, "assumeRole.sessionName": "a b" },
    'assumeRole.sessionName: must be 2 to 64 letters, digits and _+=,.@-; got: "a b". Use, for example, "terraform".',
  ],
  [
    { profile: "news prod" },
    'profile: must be a profile\'s name: 1 to 128 letters, digits and _+=,.@:/-; got: "news prod". Use the name that `aws configure list-profiles` shows.',
  ],
])("%j is refused", (changes, message) => {
  expect(problemsWith(changes)).toEqual([message]);
});

test("a role must be in the region's partition", () => {
  const roleArn = "arn:aws-cn:iam::123456789012:role/terraform";
  const message = `must be a role in the partition aws; got: "${roleArn}". Copy the ARN from the role's page in the IAM console.`;
  expect(problemsWith({ assumeRole: { roleArn } })).toEqual([`assumeRole.roleArn: ${message}`]);
  expect(problemsWith({ "stateBucket.assumeRole": { roleArn } })).toEqual([
    `stateBucket.assumeRole.roleArn: ${message}`,
  ]);
  expect(problemsWith({ "database.enhancedMonitoring": { intervalSeconds: 60, roleArn } })).toEqual(
    [`database.enhancedMonitoring.roleArn: ${message}`],
  );
  expect(problemsWith({ region: "cn-north-1", assumeRole: { roleArn } })).toEqual([]);
});
