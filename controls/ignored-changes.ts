import { type Check, judged, worst } from "./check";
import type { Control } from "./control";

/** Terraform ignores changes of these arguments, whatever the settings say. `all` covers every argument. */
export function ignoresOnly(names: readonly string[]): Check {
  return {
    attribute: "lifecycle.ignore_changes",
    must: `name nothing but ${names.join(" and ")}`,
    look: (block) =>
      worst(
        block
          .blocks("lifecycle")
          .map((lifecycle) =>
            judged(lifecycle.list("ignore_changes"), (ignored) =>
              (ignored as unknown[]).every((name) => names.includes(String(name))),
            ),
          ),
        "nothing else",
      ),
  };
}

const TAGS = ["tags", "tags_all"];
const STORE = ["engine_version", ...TAGS];

/** Changes that Terraform may ignore on imported resources. */
export const ignoredChangesControls: readonly Control[] = [
  {
    id: "MDS.30",
    also: [],
    demands:
      "Terraform manages every argument of a data store and its rules, except version, tags and descriptions.",
    on: [
      {
        type: "aws_db_instance",
        checks: [ignoresOnly([...STORE, "manage_master_user_password"])],
      },
      { type: "aws_elasticache_cluster", checks: [ignoresOnly(STORE)] },
      {
        type: "aws_elasticache_replication_group",
        checks: [ignoresOnly([...STORE, "auth_token_update_strategy", "apply_immediately"])],
      },
      {
        type: "aws_vpc_security_group_ingress_rule",
        checks: [ignoresOnly(["description", ...TAGS])],
      },
    ],
  },
];
