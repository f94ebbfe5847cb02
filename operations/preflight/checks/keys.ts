import { DescribeKeyCommand, GetKeyPolicyCommand, type KeyMetadata } from "@aws-sdk/client-kms";
import type { AwsAccount } from "../../../cli/aws-account";
import type { DataStore } from "../../../settings/data-stores";
import type { Environment } from "../../../settings/environment";
import { providerAccess } from "../../../settings/terraform-access";
import { type Check, ensure, PreflightFailure } from "../check";
import { listOf, type Statement, statementsOf } from "../policy";

interface KeyUse {
  readonly arn: string;
  /** The service that encrypts with it: `rds`. */
  readonly service: string;
}

/** Each KMS key that a store's settings name is enabled, symmetric, and usable through the service that encrypts with it. */
export function keys(environment: Environment, store: DataStore): Check[] {
  return usesOf(environment, store).map((use) => ({
    id: "kms-key",
    subject: `${store.stackId}, ${use.service}`,
    run: (account) => isUsable(account, use),
  }));
}

function usesOf({ encryption, alarms }: Environment, { kind, settings }: DataStore): KeyUse[] {
  const shared = encryption.kind === "existing-key" ? encryption.kmsKeyArn : undefined;
  const own = settings as { readonly kmsKeyArn?: string | undefined };
  const services: Readonly<Record<string, (string | undefined)[]>> =
    kind === "database"
      ? {
          rds: [own.kmsKeyArn ?? shared, settings.performanceInsights?.kmsKeyArn],
          secretsmanager: [settings.credentials.kmsKeyArn ?? shared],
        }
      : { elasticache: [own.kmsKeyArn ?? shared] };
  return Object.entries({ ...services, sns: [alarms?.kmsKeyArn] }).flatMap(([service, arns]) =>
    arns.filter((arn) => arn !== undefined).map((arn) => ({ arn, service })),
  );
}

async function isUsable(
  { kms, environment }: AwsAccount,
  { arn, service }: KeyUse,
): Promise<string> {
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: arn })).catch((error) => {
    if ((error as Error).name === "NotFoundException") {
      throw new PreflightFailure(
        `The key ${arn} does not exist.`,
        "Use the ARN of a key of this account and region.",
      );
    }
    throw error;
  });
  const wrong = problemOf(KeyMetadata);
  ensure(wrong === undefined, `The key ${arn} ${wrong}.`, "Enable the key, or name another one.");
  const owner = arn.split(":")[4] ?? "";
  const account = providerAccess(environment).account ?? owner;
  if (owner !== account) {
    return `${arn} is enabled; only its account, ${owner}, can read its policy`;
  }
  const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId: arn, PolicyName: "default" }));
  ensure(
    statementsOf(Policy).some((statement) =>
      admits(statement, { service, region: environment.region, owner }),
    ),
    `The policy of the key ${arn} does not allow its use through ${service}.`,
    `Allow the account, or kms:ViaService ${service}.${environment.region}.amazonaws.com, in the key's policy.`,
  );
  return arn;
}

function problemOf(key: KeyMetadata | undefined): string | undefined {
  if (key?.KeyState !== "Enabled") {
    return `is not enabled (${key?.KeyState})`;
  }
  return key.KeySpec === undefined || key.KeySpec === "SYMMETRIC_DEFAULT"
    ? undefined
    : "is not a symmetric key for encryption";
}

interface Use {
  readonly service: string;
  readonly region: string;
  /** The account of the key. */
  readonly owner: string;
}

/** The key's account, whose IAM policies then decide, or callers through the service. */
function admits({ Effect, Principal, Condition }: Statement, use: Use): boolean {
  const principals = typeof Principal === "string" ? [Principal] : listOf(Principal?.AWS);
  const isAccount = principals.some(
    (one) => one === "*" || one === use.owner || one.endsWith(`::${use.owner}:root`),
  );
  const conditions = Object.values(Condition ?? {});
  const via = conditions.flatMap((keys) => listOf(keys["kms:ViaService"]));
  const isThrough = via.some((one) => one.startsWith(`${use.service}.${use.region}.`));
  return Effect === "Allow" && isAccount && (via.length === 0 || isThrough);
}
