import { z } from "zod";
import { rule } from "../validation/rule";

// https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html
const TAG_CHARACTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const MAX_TAGS = 50;
/** The keys of the project's own tags. Only security groups have a Name. */
export const DEFAULT_TAG_KEYS = ["app", "environment", "stack", "managed-by", "Name"] as const;

const tagKeySchema = z.string().check(
  rule<string>({
    holds: (key) => key.length >= 1 && key.length <= 128 && TAG_CHARACTERS.test(key),
    must: "must have a key of 1 to 128 letters, digits, spaces or _.:/=+-@",
    instead: "Rename the tag.",
  }),
  rule<string>({
    // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Tagging.html
    holds: (key) => !/^(aws|rds):/i.test(key),
    must: 'must have a key that does not start with "aws:" or "rds:", which AWS reserves',
    instead: "Rename the tag.",
  }),
);

const tagValueSchema = z.string().check(
  rule<string>({
    holds: (value) => value.length <= 256 && TAG_CHARACTERS.test(value),
    must: "must have a value of 0 to 256 letters, digits, spaces or _.:/=+-@",
    instead: "Shorten it or replace the other characters.",
  }),
);

export const tagsSchema = z
  .record(tagKeySchema, tagValueSchema)
  .check(
    rule<Record<string, string>>({
      holds: (tags) => new Set([...DEFAULT_TAG_KEYS, ...Object.keys(tags)]).size <= MAX_TAGS,
      must: `must have at most ${MAX_TAGS} tags, including the project's own: ${DEFAULT_TAG_KEYS.join(", ")}`,
      instead: `Keep at most ${MAX_TAGS - DEFAULT_TAG_KEYS.length} of your own.`,
    }),
  )
  .describe("tags for everything in the environment, as key: value");
