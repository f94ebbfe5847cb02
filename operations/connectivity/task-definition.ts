import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";
import { CommandError } from "../../cli/command-error";
import type { ContainerEntries } from "../../cli/container-entries";
import type { Environment } from "../../settings/environment";
import type { ProbeArguments } from "./container-probe";

const ENTRY = join(__dirname, "container-probe.ts");
export const IMAGE = "public.ecr.aws/docker/library/node:22-slim";
/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html */
const MAXIMUM_BYTES = 64 * 1024;
const RUN =
  'eval(require("zlib").brotliDecompressSync(Buffer.from(process.argv[1],"base64")).toString())';

export interface TaskProps {
  readonly environment: Environment;
  readonly entries: ContainerEntries;
  readonly probe: ProbeArguments;
  /** An image with Node.js. @default - Node.js's own, from Amazon ECR Public */
  readonly image?: string | undefined;
}

/**
 * The task definition of a task that runs the connection test with the application's variables. It holds the whole
 * program and no secret: ECS fetches those when the task starts.
 * @throws CommandError when no role may fetch the secrets.
 */
export async function taskDefinition({ environment, entries, probe, image }: TaskProps) {
  const { app, name, region } = environment;
  const family = `${app}-${name}-connection-test`;
  const definition = {
    family,
    requiresCompatibilities: ["FARGATE"],
    networkMode: "awsvpc",
    cpu: "256",
    memory: "512",
    executionRoleArn: executionRoleArn(environment, entries),
    containerDefinitions: [
      {
        name: "connection-test",
        image: image ?? IMAGE,
        essential: true,
        command: ["node", "-e", RUN, await program(), JSON.stringify(probe)],
        ...entries,
        logConfiguration: {
          logDriver: "awslogs",
          options: {
            "awslogs-group": `/ecs/${family}`,
            "awslogs-create-group": "true",
            "awslogs-region": region,
            "awslogs-stream-prefix": "test",
          },
        },
      },
    ],
  };
  const size = Buffer.byteLength(JSON.stringify(definition));
  if (size > MAXIMUM_BYTES) {
    throw new CommandError(
      `The task definition has ${size} bytes, and ECS accepts ${MAXIMUM_BYTES}. Test fewer data stores at once.`,
    );
  }
  return definition;
}

/** The account is the one that holds the secrets. */
function executionRoleArn(
  { name, executionRoleName }: Environment,
  { secrets }: ContainerEntries,
): string {
  const [, partition, , , account] = secrets[0]?.valueFrom.split(":") ?? [];
  if (!executionRoleName || !account) {
    throw new CommandError(
      `ECS needs a role that reads the secrets and writes logs. Set executionRoleName in the environment ${name} and apply.`,
    );
  }
  return `arn:${partition}:iam::${account}:role/${executionRoleName}`;
}

/** The program in one file, compressed. */
async function program(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    minify: true,
    platform: "node",
    target: "node20",
    // Optional parts of pg, for its native client and for Cloudflare.
    external: ["pg-native", "pg-cloudflare"],
    write: false,
    logLevel: "error",
  });
  return brotliCompressSync(outputFiles[0]?.contents ?? "").toString("base64");
}

/**
 * Writes a task definition and returns the command that registers and runs it.
 * @param cluster the ECS cluster. @default - `CLUSTER`, for a person to replace
 */
export function runTaskCommand(
  environment: Environment,
  definition: { readonly family: string },
  cluster = "CLUSTER",
): string {
  const file = join("cdktf.out", `${definition.family}.json`);
  mkdirSync("cdktf.out", { recursive: true });
  writeFileSync(file, JSON.stringify(definition, null, 2));
  const { region, network, clients } = environment;
  const subnet = Array.isArray(network.subnetIds) ? network.subnetIds[0] : "SUBNET_ID";
  const groups = Object.values(clients).flatMap(({ securityGroupId }) => securityGroupId ?? []);
  const place = `awsvpcConfiguration={subnets=[${subnet}],securityGroups=[${groups[0] ?? "SECURITY_GROUP_ID"}]}`;
  const register = `aws ecs register-task-definition --region ${region} --cli-input-json file://${file} --query taskDefinition.taskDefinitionArn --output text`;
  return `aws ecs run-task --region ${region} --cluster ${cluster} --launch-type FARGATE --network-configuration '${place}' --task-definition "$(${register})"`;
}
