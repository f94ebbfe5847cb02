import { applicationLogins } from "../../../settings/database/application-user";
import { problemsWith } from "../../minimal-environment";

const problems = (applicationUser: unknown, more = {}) =>
  problemsWith({ "database.applicationUser": applicationUser, ...more });

test.each(["news_app", "a".repeat(61), "app2"])("the application user %s is accepted", (name) => {
  expect(problems(name)).toEqual([]);
});

test.each<[string, object, string]>([
  [
    "a".repeat(62),
    {},
    `database.applicationUser: must have 1 to 61 characters; got: "${"a".repeat(62)}". Shorten it to 61 characters or fewer.`,
  ],
  [
    "newsadmin",
    {},
    'database.applicationUser: must not be the name of the master user "newsadmin", either as it is or after _a or _b is appended; got: "newsadmin". Choose another name.',
  ],
  [
    "news",
    { "database.username": "news_a" },
    'database.applicationUser: must not be the name of the master user "news_a", either as it is or after _a or _b is appended; got: "news". Choose another name.',
  ],
  [
    "News",
    {},
    'database.applicationUser: must be lowercase: PostgreSQL converts unquoted names to lowercase; got: "News". Use "news".',
  ],
  [
    "news_app",
    { "database.credentials": { kind: "rds-managed" } },
    'database.applicationUser: must be absent with credentials of kind "rds-managed", whose URL Terraform does not write; got: "news_app". Use credentials of kind "secret", or remove applicationUser.',
  ],
  [
    "rds_app",
    {},
    'database.applicationUser: must not be a reserved word of PostgreSQL or RDS; got: "rds_app". Choose another name.',
  ],
])("%s is refused with %j", (name, more, message) => {
  expect(problems(name, more)).toEqual([message]);
});

test("raising the version changes only the password of the idle user and switches the active user", () => {
  for (let version = 1; version < 20; version++) {
    const [before, after] = [version, version + 1].map((one) => applicationLogins("app", one));
    const active = (logins = before) => logins?.find(({ isActive }) => isActive)?.name;
    expect(active(after)).not.toBe(active(before));
    const changed = after?.filter(
      ({ passwordVersion }, index) => passwordVersion !== before?.[index]?.passwordVersion,
    );
    expect(changed?.map(({ name }) => name)).toEqual([active(before)]);
  }
});
