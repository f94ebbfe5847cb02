/** Stands for archiver in tests: none of them packs an asset. */
export default function archiver(): never {
  throw new Error("The tests load no archiver: see jest.config.js.");
}
