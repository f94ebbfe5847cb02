import { z } from "zod";
import type { FieldsRule } from "../validation/rule";
import { didYouMean, nearest } from "../validation/suggestion";
import { resourceId } from "./aws/identifier";
import { reachableStoresSchema } from "./client";
import { type WrittenStores, writtenStores } from "./data-stores";
import { BASTION, stackId, stateKey } from "./names";

const ROUTES = ["nat", "public-ip", "vpc-endpoints"] as const;
/** Burstable Graviton types, the cheapest of EC2. The image is for their architecture. */
const INSTANCE_TYPES = ["t4g.nano", "t4g.micro", "t4g.small"] as const;

/** An instance that forwards ports to the data stores for people outside the VPC. */
export const bastionSchema = z
  .strictObject({
    route: z.enum(ROUTES).meta({
      purpose:
        "How its subnet reaches AWS Systems Manager. `nat`: through a NAT gateway. `public-ip`: the subnet is public, such as in a default VPC, and the instance gets a public IPv4 address. Nothing listens on it. `vpc-endpoints`: through interface endpoints for `ssm` and `ssmmessages` in the VPC.",
      link: "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-prerequisites.html",
    }),
    subnetId: resourceId("subnet", "a subnet ID").optional().meta({
      purpose: "The subnet of the instance.",
      absent: "the first of the environment's subnets",
    }),
    instanceType: z.enum(INSTANCE_TYPES).default("t4g.nano").meta({
      purpose: "Its instance type. The smallest is fast enough for interactive use.",
      link: "https://aws.amazon.com/ec2/instance-types/t4/",
    }),
    stores: reachableStoresSchema,
  })
  .describe('the settings of the bastion, such as { route: "nat" }');

export type BastionSettings = z.output<typeof bastionSchema>;

/** The bastion of an environment, with its stack and state. */
export interface Bastion {
  readonly settings: BastionSettings;
  /** `news-api-dev-bastion`, which is also the name of its role and its security group. */
  readonly stackId: string;
  /** `news-api/dev/bastion.tfstate` */
  readonly stateKey: string;
}

interface WithBastion {
  readonly app: string;
  readonly name: string;
  readonly bastion?: BastionSettings | undefined;
}

/** The bastion of an environment: none, or one. */
export function bastionsOf(environment: WithBastion): Bastion[] {
  const { bastion: settings } = environment;
  return settings
    ? [
        {
          settings,
          stackId: stackId(environment, BASTION),
          stateKey: stateKey(environment, BASTION),
        },
      ]
    : [];
}

/** Whether a bastion may connect to a data store. */
export function reaches({ stores }: BastionSettings, store: string): boolean {
  return stores === undefined || stores.includes(store);
}

interface Fields extends WrittenStores {
  readonly bastion?: BastionSettings | undefined;
}

/** A bastion names existing data stores, none of which has the name of its stack. */
export function bastionRules<Written extends Fields>({
  bastion,
  ...stores
}: Written): readonly FieldsRule<Written>[] {
  if (!bastion) {
    return [];
  }
  const written = writtenStores(stores);
  const names = written.map(({ name }) => name);
  const unknown = () => (bastion.stores ?? []).filter((name) => !names.includes(name));
  return [
    {
      fields: ["bastion.stores"],
      holds: () => unknown().length === 0,
      must: "must name data stores of the environment",
      got: unknown,
      instead: () =>
        didYouMean(nearest(unknown()[0] ?? "", names), `Use one of: ${names.join(", ")}.`),
    },
    ...written
      .filter(({ name }) => name === BASTION)
      .map(({ at }) => ({
        fields: [at],
        at,
        holds: () => false,
        must: "must not have the name of the bastion's stack",
        got: () => BASTION,
        instead: "Rename the data store.",
      })),
  ];
}
