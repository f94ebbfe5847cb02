import { z } from "zod";
import { resourceId } from "./identifier";
import { rule } from "./rule";
import { text } from "./text";

/** RDS wants a subnet group that covers two zones, even for an instance in one. */
const MIN_SUBNETS = 2;

const subnetListSchema = z
  .array(resourceId("subnet", "a subnet's id"))
  .meta({ minItems: MIN_SUBNETS, uniqueItems: true })
  .check(
    rule<string[]>({
      holds: (ids) => ids.length >= MIN_SUBNETS,
      must: `must name at least ${MIN_SUBNETS} subnets, in different availability zones`,
      instead: 'Add a subnet of another zone, or write "all".',
    }),
    rule<string[]>({
      holds: (ids) => new Set(ids).size === ids.length,
      must: "must name each subnet once",
      instead: "Remove the repeated id.",
    }),
  );

/** Where the data stores live: a VPC and its subnets. */
export const networkSchema = z.strictObject({
  /** A VPC's id, or `"default"` for the region's default VPC, looked up when Terraform plans. */
  vpcId: text({
    pattern: /^(default|vpc-([0-9a-f]{8}|[0-9a-f]{17}))$/,
    what: 'a VPC\'s id, or "default" for the default VPC of the region',
    must: 'must be "default", or "vpc-" and 8 or 17 hexadecimal digits',
    instead: 'Write a VPC\'s id, or "default" for the default VPC of the region.',
  }),
  /** Subnet ids in at least two zones, or `"all"` for every subnet of the VPC. */
  subnetIds: z
    .union([z.literal("all"), subnetListSchema])
    .describe('a list of subnet ids, or "all" for every subnet of the VPC'),
});

export type Network = z.output<typeof networkSchema>;
