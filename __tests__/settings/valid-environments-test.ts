import fc from "fast-check";
import { IPv4, IPv6 } from "ipaddr.js";
import { problemsOf, problemsWith } from "../minimal-environment";
import { identifiers, validEnvironments } from "../valid-environments";

test("every environment that AWS accepts is accepted", () => {
  fc.assert(
    fc.property(validEnvironments, (environment) => {
      expect(problemsOf(environment)).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test("an identifier is accepted exactly when it matches AWS's grammar", () => {
  const near = fc.oneof(
    identifiers(70),
    fc.string({ unit: fc.constantFrom(..."aZ0-_. "), maxLength: 8 }),
    fc.string({ maxLength: 70 }),
  );
  fc.assert(
    fc.property(near, (name) => {
      const allowed =
        name.length >= 1 &&
        name.length <= 63 &&
        [...name].every((character) => /[a-z0-9-]/.test(character)) &&
        /[a-z]/.test(name[0] ?? "") &&
        !name.includes("--") &&
        !name.endsWith("-");
      expect(problemsWith({ "database.identifier": name }).length === 0).toBe(allowed);
    }),
    { numRuns: 150 },
  );
});

const octets = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 });

test("an IPv4 network is accepted exactly when the library reports it as canonical and narrow", () => {
  fc.assert(
    fc.property(octets, fc.nat(33), fc.boolean(), (address, length, masked) => {
      const text = `${address.join(".")}/${length}`;
      const network = IPv4.isValidCIDR(text)
        ? `${IPv4.networkAddressFromCIDR(text).toString()}/${length}`
        : text;
      const cidrIpv4 = masked ? network : text;
      const allowed = IPv4.isValidCIDR(cidrIpv4) && cidrIpv4 === network && length >= 16;
      expect(problemsWith({ "clients.api": { cidrIpv4 } }).length === 0).toBe(allowed);
    }),
    { numRuns: 150 },
  );
});

test("an IPv6 network is accepted exactly when the library reports it as canonical and narrow", () => {
  const groups = fc.array(fc.constantFrom(0, 1, 0xdb8, 0x2001, 0xffff), {
    minLength: 8,
    maxLength: 8,
  });
  fc.assert(
    fc.property(groups, fc.nat(129), fc.boolean(), (parts, length, canonical) => {
      const text = `${parts.map((part) => part.toString(16)).join(":")}/${length}`;
      const network = IPv6.isValidCIDR(text)
        ? `${IPv6.networkAddressFromCIDR(text).toString()}/${length}`
        : text;
      const cidrIpv6 = canonical ? network : text;
      const allowed = IPv6.isValidCIDR(cidrIpv6) && cidrIpv6 === network && length >= 32;
      expect(problemsWith({ "clients.api": { cidrIpv6 } }).length === 0).toBe(allowed);
    }),
    { numRuns: 150 },
  );
});
