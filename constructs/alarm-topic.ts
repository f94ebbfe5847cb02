import { DataAwsIamPolicyDocument } from "@cdktf/provider-aws/lib/data-aws-iam-policy-document";
import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicPolicy } from "@cdktf/provider-aws/lib/sns-topic-policy";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { partitionOf } from "../settings/account";
import { emailSlug } from "../settings/alarms";
import { accountOf } from "./account";

/** What administers a key and cannot use it. https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html */
const KEY_ADMINISTRATION = (
  "CancelKeyDeletion CreateAlias DeleteAlias DescribeKey DisableKey DisableKeyRotation EnableKey EnableKeyRotation " +
  "GetKeyPolicy GetKeyRotationStatus ListKeyPolicies ListResourceTags PutKeyPolicy ScheduleKeyDeletion TagResource " +
  "UntagResource UpdateAlias UpdateKeyDescription"
)
  .split(" ")
  .map((action) => `kms:${action}`);

export interface AlarmTopicProps {
  /** The topic's name, unique in its account and region. */
  readonly name: string;
  readonly region: string;
  /** @default - looked up: the account of the credentials */
  readonly account?: string | undefined;
  /** The services that publish: `cloudwatch.amazonaws.com`. */
  readonly publishers: readonly string[];
  readonly emails: readonly string[];
  /** @default - a key of its own */
  readonly kmsKeyArn?: string | undefined;
}

/**
 * An SNS topic that AWS services publish to: encrypted, for the services of one account, over TLS. The key is a
 * customer's, because no service may use SNS's managed key, and costs by the month. It makes a subscription for each
 * email address, which SNS asks to confirm; other subscriptions are yours.
 *
 * @example
 * const { arn } = new AlarmTopic(this, "topic", {
 *   name: "news-api-prod-database-alarms", region: "us-east-1", emails: ["ops@example.com"],
 *   publishers: ["cloudwatch.amazonaws.com"],
 * });
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
 */
export class AlarmTopic extends Construct {
  readonly arn: string;
  /** What a publisher that is checked when it is told of the topic must wait for. */
  readonly policy: TerraformResource;
  private readonly account: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AlarmTopicProps,
  ) {
    super(scope, id);
    this.account = accountOf(this, props.account);
    const topic = new SnsTopic(this, "topic", {
      name: props.name,
      kmsMasterKeyId: props.kmsKeyArn ?? this.key(),
    });
    topic.overrideLogicalId("alarms");
    this.arn = topic.arn;
    this.policy = this.topicPolicy();
    for (const email of props.emails) {
      const subscription = new SnsTopicSubscription(this, `to_${emailSlug(email)}`, {
        topicArn: topic.arn,
        protocol: "email",
        endpoint: email,
      });
      subscription.overrideLogicalId(`alarms_to_${emailSlug(email)}`);
    }
  }

  private key(): string {
    const policy = new DataAwsIamPolicyDocument(this, "key_policy", {
      statement: [this.administration(), this.use()],
    });
    policy.overrideLogicalId("alarms_key");
    const key = new KmsKey(this, "key", {
      description: `Encrypts the SNS topic ${this.props.name}`,
      enableKeyRotation: true,
      policy: policy.json,
    });
    key.overrideLogicalId("alarms");
    const alias = new KmsAlias(this, "alias", {
      name: `alias/${this.props.name}`,
      targetKeyId: key.id,
    });
    alias.overrideLogicalId("alarms");
    return key.arn;
  }

  /**
   * KMS refuses a key that its maker could not administer. The account's root here is nobody in person: it lets the
   * account's own IAM policies say who may. A key policy's `*` is the key itself.
   * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-root-enable-iam
   */
  private administration() {
    const root = `arn:${partitionOf(this.props.region)}:iam::${this.account}:root`;
    return {
      sid: "Administer",
      effect: "Allow",
      principals: [{ type: "AWS", identifiers: [root] }],
      actions: KEY_ADMINISTRATION,
      resources: ["*"],
    };
  }

  private use() {
    return {
      sid: "EncryptWhatIsPublished",
      effect: "Allow",
      ...this.publishers(),
      actions: ["kms:Decrypt", "kms:GenerateDataKey"],
      resources: ["*"],
    };
  }

  private topicPolicy(): TerraformResource {
    const document = new DataAwsIamPolicyDocument(this, "policy_document", {
      statement: [
        {
          sid: "Publish",
          effect: "Allow",
          ...this.publishers(),
          actions: ["sns:Publish"],
          resources: [this.arn],
        },
        {
          sid: "TlsOnly",
          effect: "Deny",
          principals: [{ type: "*", identifiers: ["*"] }],
          actions: ["sns:Publish"],
          resources: [this.arn],
          condition: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
        },
      ],
    });
    document.overrideLogicalId("alarms");
    const policy = new SnsTopicPolicy(this, "policy", { arn: this.arn, policy: document.json });
    policy.overrideLogicalId("alarms");
    return policy;
  }

  /** The services, and only for this account: otherwise anybody's alarm could publish through them. */
  private publishers() {
    return {
      principals: [{ type: "Service", identifiers: [...this.props.publishers] }],
      condition: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [this.account] }],
    };
  }
}
