import { closest, distance } from "fastest-levenshtein";
import { show } from "./rule";

/** The greatest distance at which a word counts as a misspelled known one: a third of its length. */
const SLIP = 3;

/** The known word closest to a misspelled one, or undefined. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) {
    return undefined;
  }
  const lower = word.toLowerCase();
  const near = closest(lower, known);
  const length = Math.max(word.length, near.length);
  return distance(lower, near.toLowerCase()) <= Math.max(1, Math.floor(length / SLIP))
    ? near
    : undefined;
}

/** `Did you mean "gp3"?`, or another fix if no known word is near. */
export function didYouMean(near: string | undefined, otherwise: string): string {
  return near === undefined ? otherwise : `Did you mean ${show(near)}?`;
}
