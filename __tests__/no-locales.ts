/** Stands for the index of zod's locales in tests: zod loads English, the only one that is used, by its own path. */
export {};
