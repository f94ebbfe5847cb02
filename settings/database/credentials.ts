import { z } from "zod";
import { wholeNumber } from "../../validation/number";
import { text } from "../../validation/pattern-string";
import { fieldsRule, rule } from "../../validation/rule";
import { inItsPartition, kmsKeyArnSchema } from "../account";

/** The default path of the RDS CA bundle in a container image. */
const CA_BUNDLE = "/certs/global-bundle.pem";

/** Characters that RDS refuses in a master password. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html */
export const FORBIDDEN_CHARACTERS = `/@" `;

/** What RDS accepts as a master password. SQL accepts other passwords too. */
export const MASTER_PASSWORD =
  'a master password of 8 to 128 printable ASCII characters without /, @, " or spaces';

export function isMasterPassword(password: string): boolean {
  const isForbidden = [...password].some((character) => FORBIDDEN_CHARACTERS.includes(character));
  return /^[\x20-\x7e]{8,128}$/.test(password) && !isForbidden;
}

/** Settings of the secret that holds the whole URL. */
const urlSecretFields = {
  recoveryWindowDays: z
    .number()
    .check(
      rule<number>({
        holds: (days) => days === 0 || (Number.isSafeInteger(days) && days >= 7 && days <= 30),
        must: "must be a whole number of days: 0, or 7 to 30",
        instead: "Use 7 to 30, or 0 to delete the secret immediately.",
      }),
    )
    .meta({ type: "integer", minimum: 0, maximum: 30 })
    .describe("a whole number of days: 0, or 7 to 30")
    .default(30)
    .meta({
      purpose: "How long a deleted secret can be restored. With 0, it is deleted immediately.",
      link: "https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html",
    }),
  sslMode: z.enum(["require", "verify-full"]).default("require").meta({
    purpose:
      "The SSL mode in the URL: `require` encrypts the connection; `verify-full` also verifies the server.",
    link: "https://www.postgresql.org/docs/15/libpq-ssl.html#LIBPQ-SSL-PROTECTION",
  }),
  sslRootCertificate: text({
    pattern: /^\/[A-Za-z0-9._/-]+$/,
    what: "the path of the CA bundle in the application's container",
    must: "must be an absolute path of letters, digits and ._-/",
    instead: `Use, for example, ${JSON.stringify(CA_BUNDLE)}.`,
  })
    .optional()
    .meta({
      purpose:
        "The path of the RDS CA bundle in the application's container; only with `verify-full`.",
      absent: "`/certs/global-bundle.pem`",
    }),
  kmsKeyArn: kmsKeyArnSchema.optional().meta({
    purpose: "The KMS key that encrypts the secrets. Every reader needs kms:Decrypt on it.",
    absent: "the AWS managed key `aws/secretsmanager`",
  }),
};

const certificateRule = fieldsRule<{ sslMode: string; sslRootCertificate?: string | undefined }>({
  fields: ["sslRootCertificate", "sslMode"],
  holds: ({ sslMode, sslRootCertificate }) =>
    sslRootCertificate === undefined || sslMode === "verify-full",
  must: 'must be absent unless sslMode is "verify-full", the only mode that reads it',
  instead: 'Remove it, or set sslMode: "verify-full".',
});

/** Credentials that the stack generates: the whole URL is in Secrets Manager. */
const secretCredentials = z
  .strictObject({
    kind: z.literal("secret").meta({
      purpose:
        "`secret`: the stack generates the password and stores the whole URL in Secrets Manager.",
    }),
    passwordVersion: wholeNumber({ from: 1, to: 1_000_000 }).default(1).meta({
      purpose:
        "Raise it by one to rotate the master password and the application's URL in one apply.",
    }),
    ...urlSecretFields,
  })
  .check(certificateRule);

const SECRET_ARN =
  /^arn:(aws|aws-cn|aws-us-gov):secretsmanager:([a-z0-9-]+):[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+$/;

/** Existing credentials: Terraform never sets the password, and no plan or state contains it. */
const existingCredentials = z
  .strictObject({
    kind: z.literal("existing").meta({
      purpose:
        "`existing`: the master password stays unchanged. Terraform never sets it, and no plan or state contains it.",
    }),
    passwordSecretArn: text({
      pattern: SECRET_ARN,
      what: "the full ARN of the secret that holds the password",
      must: "must be the full ARN of a secret",
      instead: 'Use "arn:aws:secretsmanager:<region>:<account>:secret:<name>".',
    })
      .check(inItsPartition(SECRET_ARN, "secret"))
      .optional()
      .meta({
        purpose:
          "The secret that holds the password: your own, or the one that `npm run connection -- ENV --set-password-from-stdin` stored. The apply reads it and stores the whole URL in a secret of the stack.",
        absent: "the stack stores no URL: the application keeps its current URL",
      }),
    passwordKey: text({
      pattern: /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/,
      what: "the key of the password in the secret",
      must: "must be 1 to 64 letters, digits and _-, starting with a letter or underscore",
      instead: 'Use, for example, "password".',
    })
      .optional()
      .meta({
        purpose: "The key of the password, if the secret is a JSON object.",
        absent: "the secret is the password",
      }),
    passwordVersion: wholeNumber({ from: 1, to: 1_000_000 }).default(1).meta({
      purpose: "Raise it by one after you have changed the password, to write the URL again.",
    }),
    ...urlSecretFields,
  })
  .check(
    certificateRule,
    fieldsRule<{ passwordKey?: string | undefined; passwordSecretArn?: string | undefined }>({
      fields: ["passwordKey", "passwordSecretArn"],
      holds: ({ passwordKey, passwordSecretArn }) =>
        passwordKey === undefined || passwordSecretArn !== undefined,
      must: "must be absent without passwordSecretArn, the secret that contains it",
      instead: "Remove it, or set passwordSecretArn.",
    }),
  );

/**
 * Credentials that RDS generates, keeps in its own secret and rotates every seven days. The secret holds only user and
 * password. A stored URL would go stale, so the application composes the URL after each rotation.
 */
const rdsManagedCredentials = z.strictObject({
  kind: z.literal("rds-managed").meta({
    purpose:
      "`rds-managed`: RDS keeps the password in its own secret and rotates it every seven days. A stored URL would go stale, so the application composes the URL.",
    link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html",
  }),
  kmsKeyArn: kmsKeyArnSchema.optional().meta({
    purpose: "The KMS key that encrypts RDS's secret.",
    absent: "the AWS managed key `aws/secretsmanager`",
  }),
});

/** The source of the application's user and password. */
export const credentialsSchema = z.discriminatedUnion("kind", [
  secretCredentials,
  rdsManagedCredentials,
  existingCredentials,
]);

export type Credentials = z.output<typeof credentialsSchema>;
export type SecretCredentials = Extract<Credentials, { kind: "secret" }>;
export type ExistingCredentials = Extract<Credentials, { kind: "existing" }>;
/** The settings of the secret with the whole URL. */
export type UrlCredentials = Omit<SecretCredentials, "kind">;

/** The settings of the stack's secret with the whole URL; undefined if there is none. */
export function urlCredentials(credentials: Credentials): UrlCredentials | undefined {
  const isStored =
    credentials.kind === "secret" ||
    (credentials.kind === "existing" && credentials.passwordSecretArn !== undefined);
  return isStored ? credentials : undefined;
}

/** `sslmode=require`, or `sslmode=verify-full&sslrootcert=…`: the query of the database's URL. */
export function sslQuery({ sslMode, sslRootCertificate = CA_BUNDLE }: UrlCredentials): string {
  return sslMode === "require"
    ? "sslmode=require"
    : `sslmode=verify-full&sslrootcert=${sslRootCertificate}`;
}
