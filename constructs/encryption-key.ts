import { DataAwsIamPolicyDocument } from "@cdktf/provider-aws/lib/data-aws-iam-policy-document";
import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { Construct } from "constructs";
import { partitionOf, serviceDomain } from "../settings/account";
import { accountOf } from "./access/account";
import { onBehalfOf, type Publisher } from "./alarms/publisher";

/** Actions that administer a key and cannot use it. https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html */
const ADMINISTRATION = (
  "CancelKeyDeletion CreateAlias DeleteAlias DescribeKey DisableKey DisableKeyRotation EnableKey EnableKeyRotation " +
  "GetKeyPolicy GetKeyRotationStatus ListKeyPolicies ListResourceTags PutKeyPolicy ScheduleKeyDeletion TagResource " +
  "UntagResource UpdateAlias UpdateKeyDescription"
)
  .split(" ")
  .map((action) => `kms:${action}`);

/** Actions that a service performs with a key on behalf of its caller. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html */
const USE =
  "Encrypt Decrypt ReEncryptFrom ReEncryptTo GenerateDataKey GenerateDataKeyWithoutPlaintext CreateGrant ListGrants DescribeKey"
    .split(" ")
    .map((action) => `kms:${action}`);

export interface EncryptionKeyProps {
  /** What the key encrypts; the key's description and alias. */
  readonly name: string;
  /** The key's Terraform address is `aws_kms_key.<address>`. */
  readonly address: string;
  readonly region: string;
  /** @default - looked up: the account of the credentials */
  readonly account?: string | undefined;
  /** Services through which the account's principals may use the key: `rds`. @default - none */
  readonly services?: readonly string[];
  /** Whether CloudWatch Logs encrypts log groups with it. @default false */
  readonly logs?: boolean;
  /** Services that publish to an encrypted topic. @default - none */
  readonly publishers?: readonly Publisher[];
  /** Terraform refuses every plan that destroys the key. @default false */
  readonly preventDestroy?: boolean;
}

/**
 * A customer managed KMS key with yearly rotation. The account's IAM policies decide who administers it. Principals can
 * use it only through the named services.
 *
 * @example
 * new EncryptionKey(this, "key", { name: "news-api-prod-database", address: "data", region, services: ["rds"] }).arn;
 */
export class EncryptionKey extends Construct {
  readonly arn: string;
  private readonly account: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: EncryptionKeyProps,
  ) {
    super(scope, id);
    const { name, address, preventDestroy } = props;
    this.account = accountOf(this, props.account);
    const policy = new DataAwsIamPolicyDocument(this, "policy", { statement: this.statements() });
    policy.overrideLogicalId(`${address}_key`);
    const key = new KmsKey(this, "key", {
      description: `Encrypts ${name}`,
      enableKeyRotation: true,
      policy: policy.json,
      lifecycle: preventDestroy ? { preventDestroy: true } : undefined,
    });
    key.overrideLogicalId(address);
    const alias = new KmsAlias(this, "alias", { name: `alias/${name}`, targetKeyId: key.id });
    alias.overrideLogicalId(address);
    this.arn = key.arn;
  }

  private statements() {
    const { services = [], logs = false, publishers = [] } = this.props;
    return [
      this.administration(),
      ...(services.length > 0 ? [this.useThrough(services)] : []),
      ...(logs ? [this.logs()] : []),
      ...publishers.map((publisher) => this.publish(publisher)),
    ];
  }

  private get partition(): string {
    return partitionOf(this.props.region) ?? "aws";
  }

  /** Delegates to the account's IAM policies. In a key policy, `*` means this key. */
  private get accountPrincipals() {
    const root = `arn:${this.partition}:iam::${this.account}:root`;
    return { principals: [{ type: "AWS", identifiers: [root] }], resources: ["*"] };
  }

  /**
   * KMS refuses a key that its creator could not administer.
   * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-root-enable-iam
   */
  private administration() {
    return {
      sid: "Administer",
      effect: "Allow",
      ...this.accountPrincipals,
      actions: ADMINISTRATION,
    };
  }

  private useThrough(services: readonly string[]) {
    const { region } = this.props;
    const values = services.map((service) => `${service}.${region}.${serviceDomain(region)}`);
    return {
      sid: "UseThroughServices",
      effect: "Allow",
      ...this.accountPrincipals,
      actions: USE,
      condition: [{ test: "StringEquals", variable: "kms:ViaService", values }],
    };
  }

  /** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html */
  private logs() {
    const { region } = this.props;
    const groups = `arn:${this.partition}:logs:${region}:${this.account}:log-group:*`;
    return {
      sid: "EncryptLogGroups",
      effect: "Allow",
      principals: [{ type: "Service", identifiers: [`logs.${region}.${serviceDomain(region)}`] }],
      resources: ["*"],
      actions: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"].concat(
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:DescribeKey",
      ),
      condition: [
        { test: "ArnLike", variable: "kms:EncryptionContext:aws:logs:arn", values: [groups] },
      ],
    };
  }

  private publish(publisher: Publisher) {
    return {
      sid: `EncryptPublished${publisher.publishes}`,
      effect: "Allow",
      ...onBehalfOf(publisher, { region: this.props.region, account: this.account }),
      resources: ["*"],
      actions: ["kms:Decrypt", "kms:GenerateDataKey"],
    };
  }
}
