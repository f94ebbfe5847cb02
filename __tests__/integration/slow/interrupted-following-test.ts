import type execa from "execa";
import { Client } from "pg";
import { FollowedServers, startProcess } from "../followed-servers";

jest.setTimeout(1_800_000);

const MOMENTS = 12;
/** About as long as a run takes that has nothing left to copy. */
const LONGEST_MS = 1500;
/** Each cut-over may take longer than the one before, until one comes to its end. */
const STEP_MS = 200;
const INTERRUPTED = 130;

let servers: FollowedServers;

beforeAll(async () => {
  servers = await FollowedServers.start();
});

afterAll(async () => {
  await servers.stop();
});

const STRUCTURE = Array.from(
  { length: 20 },
  (_, table) => `
    CREATE TABLE filler_${table} (id bigserial PRIMARY KEY, text text NOT NULL);
    INSERT INTO filler_${table} (text) SELECT repeat(md5(i::text), 16) FROM generate_series(1, 20000) i;
    CREATE INDEX ON filler_${table} (md5(text))`,
).join(";");

/** Runs it, and stops it after a time. @returns whether it was stopped */
async function stopAfter(ms: number, child: execa.ExecaChildProcess, moment: number) {
  const timer = setTimeout(() => child.kill(moment % 2 === 0 ? "SIGKILL" : "SIGINT"), ms);
  const { exitCode, signal, stderr } = await child;
  clearTimeout(timer);
  // Early in its life it has no handler of the signal yet.
  if (exitCode !== 0 && exitCode !== INTERRUPTED && signal === undefined) {
    throw new Error(stderr);
  }
  return exitCode !== 0;
}

test(`following and the cut-over are stopped at random moments, and no acknowledged write is lost`, async () => {
  const { target } = servers;
  const migration = await servers.databases("large", STRUCTURE);
  const writers = servers.startWriters("large");
  const begin = performance.now();
  let stopped = 0;
  for (let moment = 0; moment < MOMENTS; moment++) {
    const child = startProcess("FOLLOW", migration);
    stopped += Number(await stopAfter(Math.random() * LONGEST_MS, child, moment));
  }
  expect((await startProcess("FOLLOW", migration)).exitCode).toBe(0);
  const seconds = (performance.now() - begin) / 1000;
  let cutOvers = 1;
  while (await stopAfter(STEP_MS * cutOvers, startProcess("CUT_OVER", migration), cutOvers)) {
    cutOvers++;
  }
  const client = new Client(servers.config(target, "large"));
  await client.connect();
  for (const writer of writers) {
    await writer.stop();
    expect(await writer.missingIn(client)).toEqual([]);
  }
  await client.end();
  process.stdout.write(
    `following was stopped ${stopped} times in ${seconds.toFixed(0)} s, the cut-over ${cutOvers - 1} times\n`,
  );
  expect(stopped).toBeGreaterThan(MOMENTS / 2);
  expect(cutOvers).toBeGreaterThan(2);
  expect(await servers.replicationObjects("large")).toEqual([]);
  expect(servers.loggedPasswords()).toEqual([]);
});
