// Compiles TypeScript for the unit tests, which Node.js loads itself: see docs/decisions/0021-unit-tests-share-modules.md.
import { register as registerRequire } from "tsx/cjs/api";
import { register as registerImport } from "tsx/esm/api";

registerRequire();
registerImport();
