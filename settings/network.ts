import { z } from "zod";
import { text } from "../validation/pattern-string";
import { rule } from "../validation/rule";
import { resourceId } from "./aws/identifier";

/** RDS requires a subnet group that covers two zones, even for a single-AZ instance. */
const MIN_SUBNETS = 2;

const subnetListSchema = z
  .array(resourceId("subnet", "a subnet ID"))
  .meta({ minItems: MIN_SUBNETS, uniqueItems: true })
  .check(
    rule<string[]>({
      holds: (ids) => ids.length >= MIN_SUBNETS,
      must: `must name at least ${MIN_SUBNETS} subnets, in different availability zones`,
      instead: 'Add a subnet of another zone, or use "all".',
    }),
    rule<string[]>({
      holds: (ids) => new Set(ids).size === ids.length,
      must: "must not name a subnet twice",
      instead: "Remove the duplicate.",
    }),
  );

/** Where the data stores live: a VPC and its subnets. */
export const networkSchema = z.strictObject({
  vpcId: text({
    pattern: /^(default|vpc-([0-9a-f]{8}|[0-9a-f]{17}))$/,
    what: 'a VPC ID, or "default" for the default VPC of the region',
    must: 'must be "default", or "vpc-" followed by 8 or 17 hexadecimal digits',
    instead: 'Use a VPC ID, or "default" for the default VPC of the region.',
  }).meta({ purpose: 'The VPC: its ID, or "default" for the default VPC of the region.' }),
  subnetIds: z
    .union([z.literal("all"), subnetListSchema])
    .describe('a list of subnet IDs, or "all" for every subnet of the VPC')
    .meta({
      purpose:
        'The subnets, in at least two availability zones: their IDs, or "all" for every subnet of the VPC.',
      link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html",
    }),
});

export type Network = z.output<typeof networkSchema>;
