import { serviceDomain } from "../../settings/account";
import { type Condition, type Grant, grant, type RoleGrants } from "./grant";

export interface StateGrantsProps {
  readonly partition: string;
  readonly bucket: string;
  /** The region of the bucket. */
  readonly region: string;
  /** The keys of the states: `news-api/dev/database.tfstate`. */
  readonly keys: readonly string[];
  /** @default - S3's own keys */
  readonly kmsKeyArn?: string | undefined;
  /** The role that Terraform assumes for the state. @default - none: the pipeline's roles use the bucket */
  readonly assumedRoleArn?: string | undefined;
}

/** The suffix of the lock file. */
const LOCK = ".tflock";

/** The states of an environment. A plan reads and locks them, and an apply writes them. Nothing deletes them. */
export function stateGrants(props: StateGrantsProps): RoleGrants {
  if (props.assumedRoleArn) {
    return { plan: [grant("sts", "AssumeRole", [props.assumedRoleArn])], apply: [] };
  }
  const bucket = `arn:${props.partition}:s3:::${props.bucket}`;
  const states = props.keys.map((key) => `${bucket}/${key}`);
  const locks = states.map((state) => `${state}${LOCK}`);
  return {
    plan: [
      grant("s3", "ListBucket", [bucket]),
      grant("s3", "GetObject", [...states, ...locks]),
      grant("s3", "PutObject DeleteObject", locks),
      ...keyGrants(props),
    ],
    apply: [grant("s3", "PutObject", states)],
  };
}

function keyGrants({ kmsKeyArn, region }: StateGrantsProps): Grant[] {
  const condition: Condition = {
    StringEquals: { "kms:ViaService": [`s3.${region}.${serviceDomain(region)}`] },
  };
  return kmsKeyArn ? [grant("kms", "Decrypt GenerateDataKey", [kmsKeyArn], condition)] : [];
}
