import { DbParameterGroup } from "@cdktf/provider-aws/lib/db-parameter-group";
import { Construct } from "constructs";
import { applyMethod, FORCE_SSL } from "../settings/parameters";

export interface DatabaseParametersProps {
  /** What the group's name starts with. */
  readonly prefix: string;
  /** `postgres15` */
  readonly family: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * The parameter group of a database: what the settings say, and TLS demanded unless they say otherwise. A parameter
 * that PostgreSQL reads only when it starts waits for the next reboot: RDS refuses to apply it at once.
 *
 * @example
 * new DatabaseParameters(this, "parameters", { prefix: "news-api", family: "postgres15", parameters: { work_mem: "65536" } });
 */
export class DatabaseParameters extends Construct {
  readonly name: string;

  constructor(
    scope: Construct,
    id: string,
    { prefix, family, parameters }: DatabaseParametersProps,
  ) {
    super(scope, id);
    const group = new DbParameterGroup(this, "group", {
      // A new major needs a new group while the instance still uses the old one.
      namePrefix: `${prefix}-${family}-`,
      family,
      description: "Parameters of the database",
      parameter: Object.entries({ [FORCE_SSL]: "1", ...parameters }).map(([name, value]) => ({
        name,
        value,
        // Terraform's default is to apply at once.
        applyMethod: applyMethod(name) === "immediate" ? undefined : applyMethod(name),
      })),
      lifecycle: { createBeforeDestroy: true },
    });
    group.overrideLogicalId("database_parameters");
    this.name = group.name;
  }
}
