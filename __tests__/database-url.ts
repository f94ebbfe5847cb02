import fc from "fast-check";

/** Every character that RDS takes in a master password for PostgreSQL, but the space, which no password here has. */
const ALPHABET = Array.from({ length: 0x7f - 0x21 }, (_, index) =>
  String.fromCharCode(0x21 + index),
).filter((character) => !'/@"'.includes(character));

/** Any master password that RDS takes: 8 to 128 characters. */
export const passwords = fc.string({
  unit: fc.constantFrom(...ALPHABET),
  minLength: 8,
  maxLength: 128,
});

/**
 * What Terraform's `urlencode` does to such a password; a test compares the two.
 * @see https://pkg.go.dev/net/url#QueryEscape
 */
export function urlencode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Fills in a synthesized URL what Terraform would: `${replace(urlencode(…), …)}`, `${….address}` and `${….port}`. */
export function filledIn(
  url: string,
  { password, host, port }: { password: string; host: string; port: number },
): string {
  return url
    .replace(/\$\{replace\(urlencode\([^}]*\), "\+", "%20"\)\}/, () => urlencode(password))
    .replace(/\$\{[^}]*\.address\}/, host)
    .replace(/\$\{[^}]*\.port\}/, String(port));
}
