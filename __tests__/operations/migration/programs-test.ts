import {
  findPrograms,
  type Programs,
  suitable,
} from "../../../operations/migration/database/programs";

const programs = (version: string): Programs => {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return { dump: `${version}/pg_dump`, restore: `${version}/pg_restore`, version, major, minor };
};

const ALL = ["14.20", "15.2", "15.18", "17.1"].map(programs);

test.each([
  ["14.20", [13, 14]],
  ["15.18", [12, 15]],
  ["17.1", [16, 15]],
  [undefined, [15, 18]],
])("%s is the oldest version that knows both of %j, with its latest fixes", (version, majors) => {
  expect(suitable(ALL, ...majors)?.version).toBe(version);
});

test("missing programs are not found", async () => {
  const found = await findPrograms("/nowhere:");
  expect(found.every(({ dump }) => dump.startsWith("/usr/lib/postgresql/"))).toBe(true);
});
