import { DbParameterGroup } from "@cdktf/provider-aws/lib/db-parameter-group";
import { Construct } from "constructs";
import { applyMethod, FORCE_SSL } from "../../settings/aws/parameters";

export interface DatabaseParametersProps {
  /** Prefix of the group's name. */
  readonly prefix: string;
  /** `postgres15` */
  readonly family: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * The parameter group of a database: the parameters in the settings, and TLS unless the settings turn it off. A static
 * parameter waits for the next reboot, because RDS refuses to apply it immediately.
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
        // Terraform's default is to apply immediately.
        applyMethod: applyMethod(name) === "immediate" ? undefined : applyMethod(name),
      })),
      lifecycle: { createBeforeDestroy: true },
    });
    group.overrideLogicalId("database_parameters");
    this.name = group.name;
  }
}
