import { z } from "zod";
import { kmsKeyArnSchema } from "./account";
import { wholeNumber } from "./number";
import { fieldsRule, rule } from "./rule";
import { text } from "./text";

/** Where a container image keeps the CA bundle of RDS, if the settings do not say. */
const CA_BUNDLE = "/certs/global-bundle.pem";

/** Credentials that this project makes: the whole URL is in Secrets Manager. */
const secretCredentials = z
  .strictObject({
    kind: z.literal("secret"),
    /** Raise it by one to give the master user a new password, and the application a new URL, in one apply. */
    passwordVersion: wholeNumber({ from: 1, to: 1_000_000 }).default(1),
    /** How long a deleted secret can be brought back: 0 (at once gone), or 7 to 30. */
    recoveryWindowDays: wholeNumber({ from: 0, to: 30, unit: "days" })
      .check(
        rule<number>({
          holds: (days) => days === 0 || days >= 7 || days < 0,
          must: "must be 0, or 7 to 30",
          instead: "Write 7 or more, or 0 for data that nobody would miss.",
        }),
      )
      .default(30),
    /**
     * What the URL asks of the connection: `require` encrypts it; `verify-full` also proves that it is this server's.
     * @see https://www.postgresql.org/docs/15/libpq-ssl.html#LIBPQ-SSL-PROTECTION
     */
    sslMode: z.enum(["require", "verify-full"]).default("require"),
    /**
     * Where the application finds the CA bundle of RDS; only with `verify-full`.
     * @default - /certs/global-bundle.pem
     */
    sslRootCertificate: text({
      pattern: /^\/[A-Za-z0-9._/-]+$/,
      what: "the path of the CA bundle in the application's container",
      must: "must be an absolute path of letters, digits and ._-/",
      instead: `Write for example ${JSON.stringify(CA_BUNDLE)}.`,
    }).optional(),
    /**
     * Encrypts the secrets; whatever reads them needs kms:Decrypt on it.
     * @default - the account's own key for Secrets Manager
     */
    kmsKeyArn: kmsKeyArnSchema.optional(),
  })
  .check(
    fieldsRule<{ sslMode: string; sslRootCertificate?: string | undefined }>({
      fields: ["sslRootCertificate", "sslMode"],
      holds: ({ sslMode, sslRootCertificate }) =>
        sslRootCertificate === undefined || sslMode === "verify-full",
      must: 'must be absent unless sslMode is "verify-full", which alone reads it',
      instead: 'Remove it, or write sslMode: "verify-full".',
    }),
  );

/**
 * Credentials that RDS makes, keeps in a secret of its own and rotates every seven days. The secret holds only user
 * and password, so there is no URL that would stay right: the application composes one, anew after each rotation.
 */
const rdsManagedCredentials = z.strictObject({
  kind: z.literal("rds-managed"),
  /** @default - the account's own key for Secrets Manager */
  kmsKeyArn: kmsKeyArnSchema.optional(),
});

/** How the application gets to its user and password. */
export const credentialsSchema = z.discriminatedUnion("kind", [
  secretCredentials,
  rdsManagedCredentials,
]);

export type SecretCredentials = Extract<z.output<typeof credentialsSchema>, { kind: "secret" }>;

/** `sslmode=require`, or `sslmode=verify-full&sslrootcert=…`: the query of the database's URL. */
export function sslQuery({ sslMode, sslRootCertificate = CA_BUNDLE }: SecretCredentials): string {
  return sslMode === "require"
    ? "sslmode=require"
    : `sslmode=verify-full&sslrootcert=${sslRootCertificate}`;
}
