#!/usr/bin/env node
// Stands in for the Session Manager plugin of the AWS CLI, which needs AWS. It forwards the port that the CLI names to a
// server of this machine: FORWARD is a map from host to port, * for any host. What it is told goes to the file PLUGIN_LOG.

const { appendFileSync } = require("node:fs");
const { connect, createServer } = require("node:net");

if (process.argv.includes("--version")) {
  console.log("1.2.764.0");
  process.exit(0);
}

const { FORWARD = "{}", PLUGIN_LOG, PLUGIN_DELAY_MS = "0" } = process.env;
// Session (or the variable that holds it), region, operation, profile, parameters, endpoint.
const [, region, operation, profile, text] = process.argv.slice(2);
const { Target, DocumentName, Parameters } = JSON.parse(text);
const [host] = Parameters.host;
const servers = JSON.parse(FORWARD);
const port = servers[host] ?? servers["*"];

function log(event) {
  appendFileSync(PLUGIN_LOG, `${JSON.stringify({ pid: process.pid, ...event })}\n`);
}

log({ region, operation, profile, Target, DocumentName, Parameters });
process.on("SIGINT", () => {
  log({ ended: true });
  process.exit(0);
});

const server = createServer((near) => {
  near.on("error", () => undefined);
  if (port === undefined) {
    // As the agent, when it cannot reach the host.
    near.destroy();
    return;
  }
  const far = connect(port, "127.0.0.1");
  far.on("error", () => near.destroy());
  near.pipe(far).pipe(near);
});
setTimeout(
  () => server.listen(Number(Parameters.localPortNumber[0]), "127.0.0.1"),
  Number(PLUGIN_DELAY_MS),
);
