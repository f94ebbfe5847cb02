import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { FaultyProxy, type FaultyProxyProps } from "../../emulator/faulty-proxy";

// A client that tries again waits in between.
jest.setTimeout(30_000);

const RDS_ANSWER =
  "<DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances/></DescribeDBInstancesResult></DescribeDBInstancesResponse>";

let target: Server;
let asked: string[];
let proxy: FaultyProxy;

/** Stands for the emulator, and remembers what reaches it. */
beforeEach(async () => {
  asked = [];
  target = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) {
      body += chunk;
    }
    asked.push(`${request.method} ${request.url} ${body}`);
    response.writeHead(200, { "Content-Type": "text/xml" }).end(RDS_ANSWER);
  }).listen(0, "127.0.0.1");
  await once(target, "listening");
});

afterEach(async () => {
  await proxy.stop();
  target.closeAllConnections();
  target.close();
});

async function start(props: Omit<FaultyProxyProps, "emulator" | "folder">): Promise<void> {
  const { port } = target.address() as AddressInfo;
  const emulator = { endpoint: `http://127.0.0.1:${port}` };
  proxy = await FaultyProxy.start({ emulator, folder: "", ...props });
}

function config(maxAttempts: number) {
  const credentials = { accessKeyId: "emulated", secretAccessKey: "emulated" };
  return { endpoint: proxy.endpoint, region: "us-east-1", credentials, maxAttempts };
}

const describeDatabases = (maxAttempts = 1) =>
  new RDSClient(config(maxAttempts)).send(new DescribeDBInstancesCommand({}));

/** A call of each format that services answer in. */
const CALLS: Readonly<Record<string, () => Promise<unknown>>> = {
  rds: describeDatabases,
  ec2: () => new EC2Client(config(1)).send(new DescribeVpcsCommand({})),
  s3: () =>
    new S3Client({ ...config(1), forcePathStyle: true }).send(
      new GetObjectCommand({ Bucket: "states", Key: "state" }),
    ),
  secretsmanager: () =>
    new SecretsManagerClient(config(1)).send(new GetSecretValueCommand({ SecretId: "url" })),
};

async function faultOf(call: () => Promise<unknown>) {
  return call().then(
    () => undefined,
    (error) => ({ name: error.name, status: error.$metadata?.httpStatusCode }),
  );
}

test("without faults, a call and its body reach the emulator, and its answer comes back", async () => {
  await start({ faultPercent: 0 });
  expect((await describeDatabases()).DBInstances).toEqual([]);
  expect(asked).toEqual(["POST / Action=DescribeDBInstances&Version=2014-10-31"]);
  expect([proxy.calls, proxy.faults]).toEqual([1, 0]);
});

test.each(Object.keys(CALLS))(
  "%s understands each fault, and the emulator hears of none",
  async (service) => {
    await start({ faultPercent: 100 });
    const faults = new Set<string>();
    for (let call = 0; call < 20; call++) {
      const fault = await faultOf(CALLS[service] as () => Promise<unknown>);
      faults.add(`${fault?.status} ${fault?.name}`);
    }
    const throttled = service === "s3" ? "503 SlowDown" : "503 ThrottlingException";
    expect([...faults].sort()).toEqual(["500 InternalError", throttled]);
    expect(asked).toEqual([]);
  },
);

test.each(Object.keys(CALLS))(
  "%s understands that its credentials have expired",
  async (service) => {
    await start({ faultPercent: 0, expireAfterCalls: 0 });
    expect(await faultOf(CALLS[service] as () => Promise<unknown>)).toEqual({
      name: "ExpiredToken",
      status: 403,
    });
  },
);

test("credentials expire after the given number of calls, until they are renewed", async () => {
  await start({ faultPercent: 0, expireAfterCalls: 2 });
  const call = () => faultOf(describeDatabases);
  const faults = [await call(), await call(), await call()];
  expect(faults.map((fault) => fault?.name)).toEqual([undefined, undefined, "ExpiredToken"]);
  proxy.renewCredentials();
  expect(await call()).toBeUndefined();
  proxy.expireCredentials();
  expect((await call())?.name).toBe("ExpiredToken");
});

test("about the given share of calls fails, and the same calls for the same seed", async () => {
  const run = async (seed: number) => {
    await start({ faultPercent: 30, seed });
    const failed: boolean[] = [];
    for (let call = 0; call < 200; call++) {
      failed.push(!(await fetch(proxy.endpoint, { method: "POST" })).ok);
    }
    const { calls, faults } = proxy;
    await proxy.stop();
    return { failed, calls, faults };
  };
  const [first, again, other] = [await run(1), await run(1), await run(2)];
  await start({ faultPercent: 0 });
  expect(first.calls).toBe(200);
  expect(first.faults).toBe(first.failed.filter(Boolean).length);
  expect(first.faults).toBeGreaterThan(40);
  expect(first.faults).toBeLessThan(80);
  expect(again.failed).toEqual(first.failed);
  expect(other.failed).not.toEqual(first.failed);
});

test("a client that retries succeeds", async () => {
  await start({ faultPercent: 50 });
  expect((await describeDatabases(10)).DBInstances).toEqual([]);
  expect(asked).toHaveLength(1);
});
