import { dataStoresOf } from "../../settings/data-stores";
import type { Environment } from "../../settings/environment";

/** How many resources each stack imports. */
export function importCounts(
  environment: Environment,
): { readonly stackId: string; readonly count: number }[] {
  return dataStoresOf(environment).map(({ stackId, settings }) => ({
    stackId,
    count: Object.keys(settings.adopted ?? {}).length,
  }));
}
