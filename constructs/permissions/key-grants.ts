import {
  arnOf,
  EVERYTHING,
  type Grant,
  grant,
  type Place,
  type RoleGrants,
  viaService,
} from "./grant";
import { requested, type Tagged, tagged } from "./tagged";

export interface KeyGrantsProps extends Place, Tagged {
  /** The keys in the settings. */
  readonly existing: readonly string[];
  /** The prefixes of the aliases of the stacks' own keys; none without such keys. */
  readonly aliases: readonly string[];
}

const SERVICES = ["rds", "elasticache", "secretsmanager"];
/** The KMS actions that these services call on behalf of their caller. */
const USE =
  "CreateGrant Decrypt DescribeKey Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo";
const READ = "DescribeKey GetKeyPolicy GetKeyRotationStatus ListResourceTags";
const WRITE =
  "CreateAlias DeleteAlias UpdateAlias EnableKeyRotation DisableKeyRotation PutKeyPolicy ScheduleKeyDeletion UpdateKeyDescription TagResource UntagResource";

/** The keys of an environment: their use by AWS services, and the administration of the stacks' own keys. */
export function keyGrants(props: KeyGrantsProps): RoleGrants {
  const { existing, aliases } = props;
  const own = aliases.length > 0 ? ownKeyGrants(props) : { plan: [], apply: [] };
  const used: Grant[] =
    existing.length > 0 ? [grant("kms", USE, existing, viaService(props, SERVICES))] : [];
  const read: Grant[] =
    existing.length > 0
      ? [grant("kms", "Decrypt", existing, viaService(props, ["secretsmanager"]))]
      : [];
  return { plan: [...read, ...own.plan], apply: [...used, ...own.apply] };
}

function ownKeyGrants(props: KeyGrantsProps): RoleGrants {
  const keys = [arnOf(props, "kms", "key/*")];
  const aliases = props.aliases.map((alias) => arnOf(props, "kms", `alias/${alias}`));
  const ours = tagged(props).StringEquals;
  const via = (services: readonly string[]) => ({
    StringEquals: { ...ours, ...viaService(props, services).StringEquals },
  });
  return {
    plan: [
      grant("kms", "ListAliases", EVERYTHING),
      grant("kms", READ, keys, tagged(props)),
      grant("kms", "Decrypt", keys, via(["secretsmanager"])),
    ],
    apply: [
      grant("kms", "CreateKey", EVERYTHING, requested(props)),
      // For the tags of a new key. KMS has no condition that distinguishes tagging a new key from tagging an old one.
      grant("kms", "TagResource", keys, requested(props)),
      grant("kms", WRITE, keys, tagged(props)),
      grant("kms", "CreateAlias DeleteAlias UpdateAlias", aliases),
      grant("kms", USE, keys, via(SERVICES)),
    ],
  };
}
