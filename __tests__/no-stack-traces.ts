/** Stands for cdktf's module that records where each reference was created, as in the bundle of `cli/launch.js`. */
export function captureStackTrace(): string[] {
  return [];
}

/** As cdktn calls it. */
export const captureCreationStack = captureStackTrace;
