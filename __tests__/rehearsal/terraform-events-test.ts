import { TerraformEvents } from "../../rehearsal/terraform-events";

function read(...events: readonly object[]) {
  const said: string[] = [];
  const all = new TerraformEvents("news-api-dev-database", (progress) => said.push(progress));
  for (const event of events) {
    all.read(JSON.stringify(event));
  }
  return { all, said };
}

const resource = { addr: "aws_db_instance.database" };

test("planned changes are kept; drift and unchanged resources are not", () => {
  const { all } = read(
    { type: "planned_change", change: { resource, action: "update" } },
    { type: "resource_drift", change: { resource, action: "delete" } },
    {
      type: "planned_change",
      change: { resource: { addr: "aws_ssm_parameter.x" }, action: "noop" },
    },
  );
  expect(all.changes).toEqual([{ address: "aws_db_instance.database", action: "update" }]);
});

test("progress is reported, and completed changes are kept with their duration", () => {
  const { all, said } = read(
    { type: "apply_progress", hook: { resource, action: "create", elapsed_seconds: 10 } },
    { type: "apply_complete", hook: { resource, action: "create", elapsed_seconds: 81 } },
  );
  expect(said).toEqual(["aws_db_instance.database: create, 10 s"]);
  expect(all.work).toEqual([
    {
      stack: "news-api-dev-database",
      address: "aws_db_instance.database",
      action: "create",
      seconds: 81,
    },
  ]);
});

test("errors are kept whole; warnings, lines that are not JSON and incomplete lines are ignored", () => {
  const { all } = read(
    { type: "diagnostic", diagnostic: { severity: "warning", summary: "Deprecated", detail: "" } },
    {
      type: "diagnostic",
      diagnostic: { severity: "error", summary: "No", detail: "Not so", address: "a.b" },
    },
    { type: "diagnostic", diagnostic: { severity: "error", summary: "Worse", detail: "" } },
  );
  all.read("panic: something");
  all.read('{"type":"diagnos');
  expect(all.errors).toEqual(["a.b: No: Not so", "Worse"]);
  expect(all.problem).toBe("a.b: No: Not so; Worse");
});

test("expired credentials give one message with the next step, however many calls failed", () => {
  const detail = "api error ExpiredToken: The security token included in the request is expired";
  const diagnostic = { severity: "error", summary: "reading RDS DB Instance", detail };
  const { all } = read({ type: "diagnostic", diagnostic }, { type: "diagnostic", diagnostic });
  expect(all.problem).toBe(
    "the credentials expired during the apply. Log in again. Then run in the stack's folder: terraform force-unlock ID, terraform state push errored.tfstate, terraform apply",
  );
});
