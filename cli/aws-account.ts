import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeVpcsCommand, EC2Client, type Filter, type Vpc } from "@aws-sdk/client-ec2";
import { ElastiCacheClient } from "@aws-sdk/client-elasticache";
import { IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { RDSClient } from "@aws-sdk/client-rds";
import { ResourceGroupsTaggingAPIClient } from "@aws-sdk/client-resource-groups-tagging-api";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { SNSClient } from "@aws-sdk/client-sns";
import { STSClient } from "@aws-sdk/client-sts";
import type { Environment } from "../settings/environment";
import { backendAccess, providerAccess } from "../settings/terraform-access";
import { credentialsOf } from "./aws-credentials";
import { withAction } from "./called-action";

/** The settings with which a rehearsal reaches its emulated account. */
export interface ClientOverrides {
  readonly endpoint?: string;
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  readonly requestHandler?: { readonly httpsAgent: { readonly ca: Buffer } };
}

/** Clients for the account and region of an environment, with the credentials that Terraform would use. */
export class AwsAccount {
  readonly ec2: EC2Client;
  readonly elasticache: ElastiCacheClient;
  readonly iam: IAMClient;
  readonly kms: KMSClient;
  readonly logs: CloudWatchLogsClient;
  readonly quotas: ServiceQuotasClient;
  readonly rds: RDSClient;
  readonly secrets: SecretsManagerClient;
  readonly sns: SNSClient;
  readonly sts: STSClient;
  readonly tagging: ResourceGroupsTaggingAPIClient;
  /** With the credentials and in the region of the state bucket. */
  readonly stateS3: S3Client;
  private vpc: Promise<Vpc | undefined> | undefined;

  /** @param overrides of the clients' configuration. @default - none: the credentials that Terraform would use */
  constructor(
    readonly environment: Environment,
    overrides: ClientOverrides = {},
  ) {
    const { region, stateBucket } = environment;
    const config = {
      region,
      credentials: credentialsOf(providerAccess(environment)),
      ...overrides,
    };
    this.ec2 = withAction(new EC2Client(config));
    this.elasticache = withAction(new ElastiCacheClient(config));
    this.iam = withAction(new IAMClient(config));
    this.kms = withAction(new KMSClient(config));
    this.logs = withAction(new CloudWatchLogsClient(config));
    this.quotas = withAction(new ServiceQuotasClient(config));
    this.rds = withAction(new RDSClient(config));
    this.secrets = withAction(new SecretsManagerClient(config));
    this.sns = withAction(new SNSClient(config));
    this.sts = withAction(new STSClient(config));
    this.tagging = withAction(new ResourceGroupsTaggingAPIClient(config));
    const stateConfig = {
      credentials: credentialsOf(backendAccess(environment)),
      forcePathStyle: !!(overrides.endpoint ?? process.env.AWS_ENDPOINT_URL),
      ...overrides,
      region: stateBucket.region ?? region,
    };
    this.stateS3 = withAction(new S3Client(stateConfig));
  }

  /** The ID of the environment's VPC; undefined when it does not exist. */
  async findVpc(): Promise<string | undefined> {
    return (await this.describeVpc())?.VpcId;
  }

  /** The environment's VPC, looked up once; undefined when it does not exist. */
  describeVpc(): Promise<Vpc | undefined> {
    this.vpc ??= this.firstVpc();
    return this.vpc;
  }

  private async firstVpc(): Promise<Vpc | undefined> {
    const { vpcId } = this.environment.network;
    const filter: Filter =
      vpcId === "default"
        ? { Name: "is-default", Values: ["true"] }
        : { Name: "vpc-id", Values: [vpcId] };
    const { Vpcs = [] } = await this.ec2.send(new DescribeVpcsCommand({ Filters: [filter] }));
    return Vpcs[0];
  }
}
