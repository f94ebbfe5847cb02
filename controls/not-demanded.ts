/** A requirement of another catalogue that this one omits, because every environment would have to waive it. */
export interface NotDemanded {
  /** Its IDs in all catalogues. */
  readonly ids: readonly string[];
  readonly demands: string;
  readonly why: string;
}

export const NOT_DEMANDED: readonly NotDemanded[] = [
  {
    ids: ["RDS.23"],
    demands: "A database listens on a port other than 5432.",
    why: "Security groups decide who may connect. A different port adds no protection.",
  },
  {
    ids: ["SecretsManager.1", "SecretsManager.4", "CKV2_AWS_57", "CKV_AWS_304"],
    demands: "A secret rotates automatically.",
    why: "ECS reads secrets when a task starts, so a rotation needs a restart. Raising credentials.passwordVersion rotates the password at a time that you choose; credentials of kind rds-managed rotate automatically.",
  },
  {
    ids: ["CKV_AWS_126"],
    demands: "An instance has detailed monitoring.",
    why: "A bastion holds no data and serves only the person who opened the tunnel. Its detailed metrics would cost more than the instance.",
  },
  {
    ids: ["S3.7", "CKV_AWS_144"],
    demands: "The state bucket is replicated to another region.",
    why: "S3 versioning protects a state from mistakes. A state is of no use while its region is unavailable.",
  },
  {
    ids: ["S3.15", "CKV_AWS_143"],
    demands: "Object Lock keeps versions of the state from being deleted.",
    why: "S3 versioning restores a state. Object Lock would also keep versions that must be deleted.",
  },
  {
    ids: ["S3.20", "AVD-AWS-0170", "CIS-5.0.0/2.1.2"],
    demands: "Deleting a version of the state requires MFA.",
    why: "S3 accepts no lifecycle configuration together with MFA delete, and old versions must expire.",
  },
];
