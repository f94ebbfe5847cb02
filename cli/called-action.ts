import { CommandError } from "./command-error";

/** The IAM actions of S3 whose names differ from the API operations. */
const S3_ACTIONS: Readonly<Record<string, string>> = {
  HeadBucket: "s3:ListBucket",
  GetBucketEncryption: "s3:GetEncryptionConfiguration",
  GetPublicAccessBlock: "s3:GetBucketPublicAccessBlock",
};

/** The prefixes of IAM actions, by the names of the SDK's clients. */
const PREFIXES: Readonly<Record<string, string>> = {
  CloudWatchLogsClient: "logs",
  EC2Client: "ec2",
  ElastiCacheClient: "elasticache",
  IAMClient: "iam",
  KMSClient: "kms",
  RDSClient: "rds",
  ResourceGroupsTaggingAPIClient: "tag",
  S3Client: "s3",
  SecretsManagerClient: "secretsmanager",
  ServiceQuotasClient: "servicequotas",
  SNSClient: "sns",
  STSClient: "sts",
};

const ACTION = Symbol("the IAM action of the call that failed");

type Next = (args: never) => Promise<unknown>;

/** The properties that every client of the SDK has. */
interface Client {
  readonly middlewareStack: {
    add(
      middleware: (
        next: Next,
        context: { readonly clientName?: string; readonly commandName?: string },
      ) => Next,
      options: { readonly step: "initialize" },
    ): void;
  };
}

/** Makes a client add the IAM action to the error of a failed call. */
export function withAction<T extends Client>(client: T): T {
  client.middlewareStack.add(
    (next, { clientName, commandName }) =>
      async (args) => {
        try {
          return await next(args);
        } catch (error) {
          const operation = String(commandName).replace(/Command$/, "");
          const plain = `${PREFIXES[String(clientName)]}:${operation}`;
          Object.assign(error as object, { [ACTION]: S3_ACTIONS[operation] ?? plain });
          throw error;
        }
      },
    { step: "initialize" },
  );
  return client;
}

/** The IAM action of the call that failed with this error. */
export function calledAction(error: unknown): string | undefined {
  return (error as { readonly [ACTION]?: string })[ACTION];
}

/**
 * The message for a failed AWS call. Every other error is a defect and stays unchanged.
 * @param consequence a sentence about what the command did. @default - none
 */
export function explained(error: unknown, region: string, consequence = ""): unknown {
  const action = calledAction(error);
  return action === undefined
    ? error
    : new CommandError(
        `The call to ${action} failed: ${(error as Error).message}\nIf access was denied, allow ${action}. Otherwise check the credentials and the region ${region}.${consequence && ` ${consequence}`}`,
      );
}
