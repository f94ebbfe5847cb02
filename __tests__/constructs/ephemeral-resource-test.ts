import { App, TerraformOutput, TerraformStack, Testing } from "cdktf";
import { EphemeralResource } from "../../constructs/ephemeral-resource";
import { parsed } from "../synthesized";

function example(): [TerraformStack, EphemeralResource<"random_password">] {
  const stack = new TerraformStack(new App(), "stack");
  const resource = new EphemeralResource(stack, "generated", {
    type: "aws_secretsmanager_random_password",
    arguments: { password_length: 40 },
    attributes: ["random_password"],
  });
  return [stack, resource];
}

test("it is an ephemeral block with its arguments", () => {
  const [stack] = example();
  expect(parsed(Testing.synth(stack, true)).ephemeral).toEqual({
    aws_secretsmanager_random_password: { generated: { password_length: 40 } },
  });
});

test("an attribute is a reference to the block", () => {
  const [stack, resource] = example();
  new TerraformOutput(stack, "value", { value: resource.attribute("random_password") });
  expect(parsed(Testing.synth(stack, true)).output.value?.value).toBe(
    "${ephemeral.aws_secretsmanager_random_password.generated.random_password}",
  );
});
