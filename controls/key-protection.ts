import { type Check, type Outcome, worst } from "./check";
import type { Control } from "./control";
import { references } from "./expression";
import type { TerraformBlock } from "./terraform-block";

const SUPPORTED = [
  "aws_db_instance",
  "aws_elasticache_cluster",
  "aws_elasticache_replication_group",
];

function lifecycleOf(block: TerraformBlock): boolean {
  return block.blocks("lifecycle").some((one) => String(one.value("prevent_destroy")) === "true");
}

/** The keys of the stack that a store is encrypted with, and the store itself. */
const protectedAlike: Check = {
  attribute: "lifecycle.prevent_destroy",
  must: "be true for a data store and for the key that encrypts it, or for neither",
  look: (store) => {
    const keys = references(store.attributes.kms_key_id)
      .map((address) => store.stack.at(address))
      .filter((key) => key !== undefined);
    const alike = keys.map((key): Outcome => {
      const same = lifecycleOf(key) === lifecycleOf(store);
      return {
        verdict: same ? "holds" : "fails",
        got: `true for only one of ${key.address} and the data store`,
      };
    });
    return worst(alike, "alike");
  },
};

/** A data store is lost together with its key. */
export const keyProtectionControls: readonly Control[] = [
  {
    id: "MDS.25",
    also: [],
    demands: "Terraform protects both a data store and its key from destruction, or neither.",
    on: SUPPORTED.map((type) => ({
      type,
      only: {
        says: "with a key of the stack",
        takes: (store) =>
          references(store.attributes.kms_key_id).some(
            (address) => store.stack.at(address)?.type === "aws_kms_key",
          ),
      },
      checks: [protectedAlike],
    })),
  },
];
