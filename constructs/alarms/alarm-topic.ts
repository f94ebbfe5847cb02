import { DataAwsIamPolicyDocument } from "@cdktf/provider-aws/lib/data-aws-iam-policy-document";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicPolicy } from "@cdktf/provider-aws/lib/sns-topic-policy";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { emailSlug } from "../../settings/alarms";
import { accountOf } from "../access/account";
import { EncryptionKey } from "../encryption-key";
import { onBehalfOf, type Publisher } from "./publisher";

export interface AlarmTopicProps {
  /** The topic's name, unique in its account and region. */
  readonly name: string;
  readonly region: string;
  /** @default - looked up: the account of the credentials */
  readonly account?: string | undefined;
  readonly publishers: readonly Publisher[];
  readonly emails: readonly string[];
  /** @default - the topic gets its own key */
  readonly kmsKeyArn?: string | undefined;
}

/**
 * An encrypted SNS topic that AWS services of one account publish to over TLS. Services cannot use SNS's AWS managed
 * key, so the topic has a customer managed key, which is billed per month. Each email address gets a subscription, which
 * SNS asks to confirm. Create other subscriptions yourself.
 *
 * @example
 * const { arn } = new AlarmTopic(this, "topic", {
 *   name: "news-api-prod-database-alarms", region: "us-east-1", emails: ["ops@example.com"],
 *   publishers: publishersOf("database", "news-api-prod-database"),
 * });
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
 */
export class AlarmTopic extends Construct {
  readonly arn: string;
  /** Resources that must exist before a publisher that AWS validates when it is created. */
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
    const { name, region, account, publishers } = this.props;
    const key = { name, address: "alarms", region, account, publishers };
    return new EncryptionKey(this, "key", key).arn;
  }

  private topicPolicy(): TerraformResource {
    const document = new DataAwsIamPolicyDocument(this, "policy_document", {
      statement: [
        ...this.props.publishers.map((publisher) => ({
          sid: `Publish${publisher.publishes}`,
          effect: "Allow",
          ...onBehalfOf(publisher, { region: this.props.region, account: this.account }),
          actions: ["sns:Publish"],
          resources: [this.arn],
        })),
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
}
