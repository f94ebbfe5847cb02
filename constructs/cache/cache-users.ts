import { ElasticacheUser } from "@cdktf/provider-aws/lib/elasticache-user";
import { ElasticacheUserGroup } from "@cdktf/provider-aws/lib/elasticache-user-group";
import { Construct } from "constructs";
import type { Allowed } from "../access/connection";

/** Users of this engine also work with Valkey, so a cache can move to Valkey without changing them. */
const ENGINE = "redis";
/** All commands on all keys, without the administrative ones except INFO, which client libraries call first. */
const APPLICATION_ACCESS = "on ~* &* +@all -@dangerous +info";

export interface CacheUsersProps {
  /** The ID of the replication group and of the user group. */
  readonly groupId: string;
  /** The application's user. It authenticates with a token that IAM signs. */
  readonly iamUser: string;
}

/**
 * The users of a cache: the application's user with IAM authentication, and the disabled default user that every group
 * requires. There is no password, so the state holds none.
 *
 * @example
 * const users = new CacheUsers(this, "users", { groupId: "news-api-prod-cache", iamUser: "news-api" });
 * new ElasticacheReplicationGroup(this, "cache", { userGroupIds: [users.groupId], … });
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
 */
export class CacheUsers extends Construct {
  readonly groupId: string;
  private readonly iamUserArn: string;

  constructor(scope: Construct, id: string, { groupId, iamUser }: CacheUsersProps) {
    super(scope, id);
    const nobody = new ElasticacheUser(this, "default", {
      userId: `${groupId}-default`,
      userName: "default",
      engine: ENGINE,
      accessString: "off -@all",
      // Not an authenticationMode: AWS returns it as no-password, so every plan would show a change.
      noPasswordRequired: true,
    });
    nobody.overrideLogicalId("cache_default_user");
    const application = new ElasticacheUser(this, "application", {
      userId: iamUser,
      userName: iamUser,
      engine: ENGINE,
      accessString: APPLICATION_ACCESS,
      authenticationMode: { type: "iam" },
    });
    application.overrideLogicalId("cache_iam_user");
    const group = new ElasticacheUserGroup(this, "group", {
      userGroupId: groupId,
      engine: ENGINE,
      userIds: [nobody.userId, application.userId],
    });
    group.overrideLogicalId("cache_users");
    this.groupId = group.userGroupId;
    this.iamUserArn = application.arn;
  }

  /**
   * Permissions that the application's task role needs to connect to a cache as the IAM user.
   * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html#auth-iam-setup
   */
  connectTo(cacheArn: string): Allowed {
    return {
      Sid: "ConnectToCache",
      Action: ["elasticache:Connect"],
      Resource: [cacheArn, this.iamUserArn],
    };
  }
}
