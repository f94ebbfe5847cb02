/** The outputs of a data store's stack that every stack has. */
export interface StackOutputs {
  readonly ecs_secrets: readonly SecretEntry[];
  readonly ecs_environment: readonly EnvironmentEntry[];
}

export interface SecretEntry {
  readonly name: string;
  /** The ARN of a secret; it may end in `:key:stage:version`. */
  readonly valueFrom: string;
}

export interface EnvironmentEntry {
  readonly name: string;
  readonly value: string;
}

/**
 * The two lists of an ECS container definition.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
 */
export interface ContainerEntries {
  readonly secrets: readonly SecretEntry[];
  readonly environment: readonly EnvironmentEntry[];
}

/** What a container definition needs for all the stacks together. */
export function containerEntries(outputs: readonly StackOutputs[]): ContainerEntries {
  return {
    secrets: outputs.flatMap(({ ecs_secrets }) => ecs_secrets),
    environment: outputs.flatMap(({ ecs_environment }) => ecs_environment),
  };
}
