import { readFileSync } from "node:fs";
import { CommandError } from "../../cli/command-error";

export type Values = Readonly<Record<string, unknown>>;

/** An entry of `resource_changes` or `resource_drift`. */
export interface PlannedResource {
  readonly address: string;
  readonly previous_address?: string;
  readonly mode: "managed" | "data";
  readonly type: string;
  readonly deposed?: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before: Values | null;
    readonly after: Values | null;
    readonly after_unknown?: Values | boolean;
    readonly before_sensitive?: Values | boolean;
    readonly after_sensitive?: Values | boolean;
    readonly importing?: unknown;
  };
}

interface ConstantExpression {
  readonly constant_value?: unknown;
}

/**
 * What `terraform show -json PLAN` prints, as far as the review reads it.
 * @see https://developer.hashicorp.com/terraform/internals/json-format
 */
export interface Plan {
  readonly format_version: string;
  readonly terraform_version?: string;
  readonly resource_changes?: readonly PlannedResource[];
  readonly resource_drift?: readonly PlannedResource[];
  readonly deferred_changes?: readonly unknown[];
  readonly planned_values?: { readonly root_module?: { readonly resources?: readonly Planned[] } };
  readonly complete?: boolean;
  readonly errored?: boolean;
  readonly configuration?: {
    readonly provider_config?: Readonly<
      Record<
        string,
        {
          readonly expressions?: {
            readonly default_tags?: readonly {
              readonly tags?: ConstantExpression;
            }[];
          };
        }
      >
    >;
  };
}

export interface Planned {
  readonly address: string;
  readonly type: string;
  readonly mode: string;
  readonly values: Values;
}

/**
 * Reads the JSON of a saved plan.
 * @throws CommandError for a file that is no such JSON, and for a plan that Terraform could not complete.
 */
export function readPlan(file: string): Plan {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`);
  }
  return parsePlan(text, file);
}

/** @throws CommandError as `readPlan` does; the message names the source. */
export function parsePlan(text: string, source: string): Plan {
  let plan: Partial<Plan> | null;
  try {
    plan = JSON.parse(text);
  } catch {
    throw notAPlan(source, "is not JSON");
  }
  // A state printed by the same command has `values` and no `planned_values`.
  if (!plan?.format_version || !plan.planned_values) {
    throw notAPlan(source, "is not the JSON of a plan");
  }
  if (!/^1\./.test(plan.format_version)) {
    throw notAPlan(source, `has format ${plan.format_version}, and this command reads 1.x`);
  }
  if (plan.errored) {
    throw new CommandError(
      `${source} is a plan that failed halfway. Fix what terraform plan reports, and plan again.`,
    );
  }
  return plan as Plan;
}

function notAPlan(source: string, problem: string): CommandError {
  return new CommandError(
    `${source} ${problem}. Create it with: terraform show -json saved.plan > plan.json`,
  );
}

/** The ID of the stack that a plan is of: the provider tags everything with it. */
export function stackOf(plan: Plan): string | undefined {
  const providers = Object.values(plan.configuration?.provider_config ?? {});
  const tags = providers.flatMap(({ expressions }) => expressions?.default_tags ?? []);
  const [{ stack } = { stack: undefined }] = tags.map(
    (one) => (one.tags?.constant_value ?? {}) as { stack?: string },
  );
  return stack;
}
