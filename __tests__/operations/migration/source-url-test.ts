import { sourceUrl } from "../../../operations/migration/source-url";

const SECRET = "s3cret/ä";

test.each([
  ["postgresql://me@db:5432/news", {}, "postgresql://me@db:5432/news"],
  ["postgresql://me@db/news", { PGPASSWORD: SECRET }, "postgresql://me:s3cret%2F%C3%A4@db/news"],
  ["rediss://cache:6379", { REDISCLI_AUTH: SECRET }, "rediss://:s3cret%2F%C3%A4@cache:6379"],
  ["redis://cache/2", { PGPASSWORD: SECRET }, "redis://cache/2"],
  [
    "SOURCE_URL",
    { SOURCE_URL: "postgres://me:own@db/news", PGPASSWORD: SECRET },
    "postgres://me:own@db/news",
  ],
  [
    "SOURCE_URL",
    { SOURCE_URL: "postgres://me@db/news", PGPASSWORD: "x" },
    "postgres://me:x@db/news",
  ],
])("%s with %o is %s", (from, values, url) => {
  expect(sourceUrl(from, values)).toBe(url);
});

test.each([
  [
    `postgresql://me:${encodeURIComponent(SECRET)}@db/news`,
    "--from holds a password, which everyone on this machine can read in the process list. Leave it out and set PGPASSWORD, or name a variable that holds the whole URL: --from SOURCE_URL. Change the password if others use this machine.",
  ],
  [`redis://:${encodeURIComponent(SECRET)}@cache`, expect.stringContaining("set REDISCLI_AUTH")],
  [
    `postgresql://me@db/news?password=${encodeURIComponent(SECRET)}`,
    expect.stringContaining("--from holds a password"),
  ],
  [
    `mysql://me:${encodeURIComponent(SECRET)}@db/news`,
    "--from does not hold the URL of a data store. It must start with postgresql://, redis:// or rediss://, and name a host.",
  ],
  ["postgresql:///news", expect.stringContaining("--from does not hold the URL of a data store.")],
  [
    "UNSET",
    "--from is neither a URL nor the name of an environment variable that is set. Use a URL without its password, or export SOURCE_URL and use --from SOURCE_URL.",
  ],
  [
    "BROKEN",
    "BROKEN does not hold the URL of a data store. It must start with postgresql://, redis:// or rediss://, and name a host.",
  ],
])("%s is refused, and the message does not repeat it", (from, message) => {
  const call = () => sourceUrl(from, { BROKEN: SECRET });
  expect(call).toThrow(expect.objectContaining({ message }));
  expect(call).not.toThrow(/s3cret/);
});
