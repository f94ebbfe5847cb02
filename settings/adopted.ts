import { z } from "zod";
import { text } from "../validation/pattern-string";
import { problem, SettingsError } from "../validation/problem";
import { rule } from "../validation/rule";
import { didYouMean, nearest } from "../validation/suggestion";

/** `aws_db_instance.database`; data sources and `terraform_data` cannot be imported. */
const ADDRESS = /^aws_[a-z0-9_]+\.[A-Za-z_][A-Za-z0-9_-]*$/;

/** Terraform would write the secret to the plan's JSON in plain text. */
const SECRET_VERSION = /^aws_secretsmanager_secret_version\./;

const addressSchema = z
  .string()
  .check(
    rule<string>({
      holds: (address) => ADDRESS.test(address),
      must: "must be the address of an AWS resource",
      instead: 'Use the address that `terraform plan` shows, such as "aws_db_instance.database".',
    }),
    rule<string>({
      holds: (address) => !SECRET_VERSION.test(address),
      must: "must not be a secret's version: the plan's JSON would show the secret",
      instead: "Remove it: the apply stores a new version with a new password.",
    }),
  )
  .meta({ pattern: ADDRESS.source });

const idSchema = text({
  pattern: /^[!-~]([ -~]{0,2046}[!-~])?$/,
  what: "the import ID of the resource",
  must: "must be 1 to 2048 printable ASCII characters",
  instead:
    "Use the import ID that the provider documents for the resource, such as a DB instance's identifier.",
});

/** The existing resources to import: their addresses in the stack and their import ids. */
export const adoptedSchema = z
  .record(addressSchema, idSchema)
  .describe("resources to import, as address: import ID")
  .optional()
  .meta({
    purpose:
      "Existing resources that the next apply imports, as address: import ID. `npm run adopt` writes this setting. Remove it after that apply.",
    absent: "nothing is imported",
    link: "https://developer.hashicorp.com/terraform/language/block/import",
  });

export type Adopted = NonNullable<z.output<typeof adoptedSchema>>;

/** @throws SettingsError for addresses that are not in the stack. */
export function ensureAddresses(stackId: string, adopted: Adopted, known: readonly string[]): void {
  const unknown = Object.keys(adopted).filter((address) => !known.includes(address));
  if (unknown.length > 0) {
    throw new SettingsError(
      `the stack ${stackId}`,
      unknown.map((address) =>
        problem(`adopted.${address}`, {
          must: "must be a resource of the stack",
          instead: didYouMean(nearest(address, known), "Remove it, or correct the address."),
        }),
      ),
    );
  }
}
