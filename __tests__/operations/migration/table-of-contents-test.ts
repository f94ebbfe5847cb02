import {
  entriesOf,
  isLargeObject,
  isLeftOut,
  isTableData,
  listed,
  matcher,
} from "../../../operations/migration/database/table-of-contents";

const LIST = `;
; Archive created at 2026-11-26 12:00:00 UTC
;
6; 2615 16385 SCHEMA - shop newsuser
215; 1259 16386 TABLE shop article data newsuser
3400; 0 16386 TABLE DATA shop article newsuser
3401; 0 16387 TABLE DATA shop article two newsuser
3402; 2613 16400 BLOB - 16400 newsuser
3403; 0 0 BLOBS - BLOBS 
3404; 0 0 ACL - LARGE OBJECT 16400 newsuser
3405; 0 0 ACL shop TABLE article newsuser
3406; 0 0 COMMENT - EXTENSION hstore 
3407; 826 16500 DEFAULT ACL shop DEFAULT PRIVILEGES FOR TABLES newsuser
3408; 1259 16600 INDEX shop i a b news user
`;

const entries = entriesOf(LIST);
const ids = (isWanted: (entry: (typeof entries)[number]) => boolean) =>
  entries.filter(isWanted).map(({ id }) => id);

test("every entry is read, and no comment", () => {
  expect(entries).toHaveLength(11);
  expect(entries[1]).toEqual({
    id: "215",
    text: "TABLE shop article data newsuser",
    line: "215; 1259 16386 TABLE shop article data newsuser",
  });
});

test("entries are distinguished by kind", () => {
  expect(ids(isTableData)).toEqual(["3400", "3401"]);
  expect(ids(isLargeObject)).toEqual(["3402", "3403", "3404"]);
  expect(ids((entry) => isLeftOut(entry, true))).toEqual(["3406", "3407"]);
  expect(ids((entry) => isLeftOut(entry, false))).toEqual(["3404", "3405", "3406", "3407"]);
});

test("a name matches whole, whoever owns it", () => {
  const owners = ["newsuser", "news user"];
  const match = (...names: string[]) => ids(matcher(names, owners));
  expect(match(listed("TABLE DATA", "shop", "article"))).toEqual(["3400"]);
  expect(match(listed("TABLE DATA", "shop", "article two"))).toEqual(["3401"]);
  expect(match(listed("INDEX", "shop", "i a b"))).toEqual(["3408"]);
  expect(match(listed("INDEX", "shop", "i a"))).toEqual([]);
  expect(listed("INDEX", "shop", "line\nbreak")).toBe("INDEX shop line break");
});
