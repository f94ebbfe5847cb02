import execa from "execa";
import { CommandError } from "../../cli/command-error";
import { bastionsOf, reaches } from "../../settings/bastion";
import type { DataStore } from "../../settings/data-stores";
import type { Environment } from "../../settings/environment";
import { outputsOfStacks } from "../connectivity/store-outputs";
import type { AwsCli } from "./aws-cli";

/** Something inside the VPC through which AWS Systems Manager forwards ports. */
export interface Via {
  /** As `aws ssm start-session --target` takes it. */
  readonly target: string;
  /** In words. */
  readonly name: string;
}

const INSTANCE = /^(i|mi)-[0-9a-f]{8,17}$/;
const TARGET = /^ecs:[\w-]+_[0-9a-f]+_[0-9a-f-]+$/;
/** `arn:…:task/CLUSTER/ID`, or `CLUSTER/ID`; then the container, if given. */
const TASK =
  /^(?:arn:[^:]+:ecs:[^:]+:\d{12}:task\/)?([\w-]{1,255})\/([0-9a-f]{8,64})(?:\/([\w-]+))?$/;

/**
 * Resolves `--via`: an instance, or an ECS task with ECS Exec.
 * @throws CommandError for a name of neither, and for a task that cannot forward.
 */
export async function viaNamed(name: string, cli: AwsCli): Promise<Via> {
  if (INSTANCE.test(name) || TARGET.test(name)) {
    return { target: name, name };
  }
  const [, cluster, task, container] = TASK.exec(name) ?? [];
  if (!cluster || !task) {
    throw new CommandError(
      `--via ${name} is neither an instance nor a task. Use an instance ID (i-…), or an ECS task as CLUSTER/TASK-ID or its ARN. If the task has several containers, append /CONTAINER.`,
    );
  }
  return taskOf({ cluster, task, container }, cli);
}

interface Task {
  readonly enableExecuteCommand?: boolean;
  readonly containers?: readonly { readonly name: string; readonly runtimeId?: string }[];
}

async function taskOf(
  { cluster, task, container }: { cluster: string; task: string; container: string | undefined },
  { args, env }: AwsCli,
): Promise<Via> {
  const command = ["ecs", "describe-tasks", "--cluster", cluster, "--tasks", task];
  const { failed, stdout, stderr } = await execa("aws", [...command, ...args, "--output", "json"], {
    env,
    extendEnv: false,
    reject: false,
    stdin: "ignore",
  });
  if (failed) {
    throw new CommandError(`${stderr.trim()}\nThe task ${cluster}/${task} cannot be described.`);
  }
  const [found] = (JSON.parse(stdout).tasks ?? []) as Task[];
  const name = `${cluster}/${task}`;
  if (!found) {
    throw new CommandError(
      `The cluster ${cluster} has no task ${task}. Check that it is still running.`,
    );
  }
  if (!found.enableExecuteCommand) {
    throw new CommandError(
      `The task ${name} was started without ECS Exec, which forwards ports. Start it with --enable-execute-command; its task role needs ssmmessages: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html`,
    );
  }
  const running = (found.containers ?? []).filter(({ runtimeId }) => runtimeId);
  const chosen = container ? running.find((one) => one.name === container) : running[0];
  if (!chosen || (running.length > 1 && !container)) {
    throw new CommandError(
      `Name one running container of the task, such as --via ${name}/CONTAINER. It has: ${running.map((one) => one.name).join(", ") || "none"}.`,
    );
  }
  return { target: `ecs:${cluster}_${task}_${chosen.runtimeId}`, name: `${name}/${chosen.name}` };
}

/**
 * The environment's bastion.
 * @throws CommandError when there is none, or when it does not reach one of the data stores.
 */
export async function bastionFor(
  environment: Environment,
  stores: readonly DataStore[],
): Promise<Via> {
  const [bastion] = bastionsOf(environment);
  if (!bastion) {
    throw new CommandError(
      `The environment ${environment.name} has no bastion. Add one to its settings, such as bastion: { route: "nat" }, and deploy it; or name an instance or an ECS task in the VPC with --via.`,
    );
  }
  const { stackId, settings } = bastion;
  const excluded = stores.filter(({ name }) => !reaches(settings, name));
  if (excluded.length > 0) {
    throw new CommandError(
      `The bastion is not allowed to connect to ${excluded.map(({ name }) => name).join(" and ")}. Name another data store, or add it to bastion.stores.`,
    );
  }
  const [outputs] = await outputsOfStacks([stackId], "bastion_instance_id");
  const { bastion_instance_id, bastion_stores } = outputs as {
    bastion_instance_id: string;
    bastion_stores: Readonly<Record<string, boolean>>;
  };
  const unknown = stores.filter(({ name }) => bastion_stores[name] !== true);
  if (unknown.length > 0) {
    throw new CommandError(
      `No rule of ${unknown.map(({ name }) => name).join(" and ")} admits the bastion, because the bastion was deployed earlier. Deploy it again: npm run deploy -- ${stackId}`,
    );
  }
  return { target: bastion_instance_id, name: stackId };
}
