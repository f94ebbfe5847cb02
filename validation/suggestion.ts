import { closest, distance } from "fastest-levenshtein";
import { show } from "./rule";

/** How far a word may be from a known one to be taken for a slip: a third of its length. */
const SLIP = 3;

/** The known word that somebody may have meant, or undefined if none is near. */
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

/** `Did you mean "gp3"?`, or what to say when nothing is near. */
export function didYouMean(near: string | undefined, otherwise: string): string {
  return near === undefined ? otherwise : `Did you mean ${show(near)}?`;
}
