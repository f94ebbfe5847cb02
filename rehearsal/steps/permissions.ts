import type { EmulatedCall } from "../../emulator/emulator";
import { UNRECORDED } from "../../operations/permissions/unrecorded";
import { partitionOf } from "../../settings/account";
import type { Environment, EnvironmentSettings } from "../../settings/environment";
import { roleName } from "../../settings/names";
import { githubEnvironments, type PipelineSettings } from "../../settings/pipeline";
import { rolePolicies } from "../../stacks/permissions";
import { jobCredentials, type PipelineJob } from "../pipeline-job";
import { changed, type DeployedAccount, type Rehearsal } from "../rehearsal";
import { expectThat, type Step } from "../step";
import { everyOne, type Progress, type Workspace } from "../workspace";
import { expectPreflightPasses } from "./preflight";
import { raiseVersions } from "./rotate-password";
import { takeBackProtection } from "./teardown";

type Role = "plan" | "apply";

/** For an environment without a pipeline. */
const GITHUB = { repository: "acme/news-api", branch: "main" };
/** The emulator's account, for an environment that does not name one. */
const ACCOUNT = "123456789012";

/** Deploy, plan, rotate and destroy with the two roles alone, in an account that enforces their policies. */
export function permissions(rehearsal: Rehearsal): Step {
  return {
    name: "permissions",
    title: "Plan and apply with the pipeline's roles",
    async run(progress) {
      const place = await accountWithRoles(rehearsal, progress);
      await place.emulator.enforcePolicies();
      const roles = await rolesIn(rehearsal, place);
      await expectUntrusted(place);
      await deploy(roles.apply, progress);
      await planOnly(roles.plan, progress);
      progress("preflight with the plan role");
      await preflightAsPlanRole(place);
      const refused = await expectApplyRefused(roles.plan, place, progress);
      await rotateAndDestroy(roles.apply, place, progress);
      const used = await expectLeastPrivilege(place, roles.apply.environment);
      return {
        text: `deploy, rotation and destroy with the apply role, preflight and a plan with the plan role; an apply with the plan role is refused (${refused}); ${used}`,
      };
    },
  };
}

/** An account with the state bucket and the roles, which an administrator creates, and nothing else. */
async function accountWithRoles(
  rehearsal: Rehearsal,
  progress: Progress,
): Promise<DeployedAccount> {
  const place = await rehearsal.newAccount("permissions", undefined);
  const settings = changed(place, addPipeline);
  place.workspace.write(settings);
  for (const id of ["state-bucket", "permissions"] as const) {
    const stack = place.workspace.stack(id, progress);
    await stack.init();
    await stack.apply();
  }
  return { ...place, settings };
}

function addPipeline(settings: EnvironmentSettings): void {
  const github = settings.pipeline?.github ?? GITHUB;
  settings.account ??= ACCOUNT;
  settings.pipeline = { github: { ...github, oidcProvider: "created-here" } };
}

function pipelineOf({ pipeline }: Environment): PipelineSettings {
  if (!pipeline) {
    throw new Error("The environment has no pipeline.");
  }
  return pipeline;
}

function jobOf(environment: Environment, role: Role): PipelineJob {
  const pipeline = pipelineOf(environment);
  const subject = `environment:${githubEnvironments(environment.name, pipeline)[role]}`;
  return { repository: pipeline.github.repository, subject };
}

function arnOf({ account = ACCOUNT, ...environment }: Environment, role: Role): string {
  return `arn:${partitionOf(environment.region)}:iam::${account}:role/${roleName(environment, role)}`;
}

/** The stacks in two folders, one for Terraform with each role. */
async function rolesIn(
  rehearsal: Rehearsal,
  place: DeployedAccount,
): Promise<Record<Role, Workspace>> {
  const { environment } = place.workspace;
  const workspaceOf = async (role: Role) => {
    const job = jobOf(environment, role);
    const credentials = await jobCredentials(place.emulator, job, arnOf(environment, role));
    return rehearsal.withCredentials(place, `permissions-${role}`, credentials);
  };
  return { plan: await workspaceOf("plan"), apply: await workspaceOf("apply") };
}

/** @throws StepFailure when a job can assume a role that is not for it. */
async function expectUntrusted({ emulator, workspace }: DeployedAccount): Promise<void> {
  const { environment } = workspace;
  const strangers: readonly (readonly [Role, PipelineJob])[] = [
    ["apply", jobOf(environment, "plan")],
    ["apply", { ...jobOf(environment, "apply"), subject: "pull_request" }],
    ["plan", { ...jobOf(environment, "plan"), repository: "somebody/else" }],
    ["plan", { ...jobOf(environment, "plan"), subject: "ref:refs/heads/feature" }],
  ];
  for (const [role, job] of strangers) {
    const taken = await jobCredentials(emulator, job, arnOf(environment, role)).then(
      () => true,
      (error: Error) => {
        expectThat(error.name === "AccessDenied", `Not refused but failed: ${error.message}`);
        return false;
      },
    );
    expectThat(!taken, `${job.repository} ${job.subject} assumed the ${role} role.`);
  }
}

async function deploy(workspace: Workspace, progress: Progress): Promise<void> {
  for (const stack of workspace.stacks(progress)) {
    await stack.init();
  }
  await workspace.apply(progress);
}

async function planOnly(workspace: Workspace, progress: Progress): Promise<void> {
  for (const stack of workspace.stacks(progress)) {
    await stack.init();
  }
  await workspace.expectNoChanges(progress);
}

/** @throws StepFailure when a check fails, or when the plan role lacks a permission that preflight needs. */
async function preflightAsPlanRole(place: DeployedAccount): Promise<void> {
  const { environment } = place.workspace;
  const job = jobOf(environment, "plan");
  const taken = await jobCredentials(place.emulator, job, arnOf(environment, "plan"));
  await expectPreflightPasses(place, {
    accessKeyId: taken.AWS_ACCESS_KEY_ID ?? "",
    secretAccessKey: taken.AWS_SECRET_ACCESS_KEY ?? "",
    sessionToken: taken.AWS_SESSION_TOKEN ?? "",
  });
}

/** A tag on everything: no store can be applied without writing. */
function addTag(settings: EnvironmentSettings): void {
  settings.tags = { ...settings.tags, rehearsal: "permissions" };
}

/** @throws StepFailure when the plan role changes anything. */
async function expectApplyRefused(
  workspace: Workspace,
  place: DeployedAccount,
  progress: Progress,
): Promise<string> {
  workspace.write(changed(place, addTag));
  for (const stack of workspace.stacks(progress)) {
    const { exitCode, errors } = await stack.run(["apply", "-json", "-auto-approve"]);
    expectThat(exitCode !== 0, `The plan role applied ${stack.id}.`);
    expectThat(
      /Not authorized to perform/.test(errors.join()),
      `Not refused: ${errors.join("; ")}`,
    );
  }
  workspace.write(place.settings);
  await workspace.expectNoChanges(progress);
  const refusals = (await place.emulator.calls()).filter(({ role, refused }) => role && refused);
  const actions = [...new Set(refusals.map(({ action }) => action))];
  return `${actions.length} actions`;
}

async function rotateAndDestroy(
  workspace: Workspace,
  place: DeployedAccount,
  progress: Progress,
): Promise<void> {
  const own = workspace.databases.filter(({ settings }) => settings.credentials.kind === "secret");
  workspace.write(
    changed(place, (settings) => {
      raiseVersions(settings, own);
      takeBackProtection(settings);
      addTag(settings);
    }),
  );
  await workspace.apply(progress);
  await everyOne(workspace.stacks(progress).map((stack) => stack.destroy()));
}

/** @throws StepFailure when a role lacks a permission it needs, or has one that was not used. */
async function expectLeastPrivilege(
  { emulator }: DeployedAccount,
  environment: Environment,
): Promise<string> {
  const calls = await emulator.calls();
  const policies = rolePolicies(environment, environment.account ?? ACCOUNT);
  const counts = (["plan", "apply"] as const).map((role) => {
    const own = calls.filter((call) => call.role === roleName(environment, role));
    const allowed = new Set(
      policies[role].flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action)),
    );
    expectUsed(role, own, allowed);
    return `${role}: ${allowed.size} actions allowed, ${recordedOf(own).size} used`;
  });
  return counts.join(", ");
}

function recordedOf(calls: readonly EmulatedCall[]): Set<string> {
  return new Set(calls.filter(({ refused }) => !refused).map(({ action }) => action));
}

function expectUsed(
  role: Role,
  calls: readonly EmulatedCall[],
  allowed: ReadonlySet<string>,
): void {
  const refused = calls.filter((call) => call.refused && role === "apply");
  const listed = refused.map(({ action, resource }) => `${action} on ${resource}`);
  expectThat(refused.length === 0, `The ${role} role was denied: ${listed.join(", ")}`);
  const recorded = recordedOf(calls);
  const idle = [...allowed].filter((action) => !recorded.has(action) && !UNRECORDED.has(action));
  expectThat(
    idle.length === 0,
    `The ${role} role allows actions that it did not use: ${idle.join(", ")}`,
  );
}
