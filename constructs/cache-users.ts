import { ElasticacheUser } from "@cdktf/provider-aws/lib/elasticache-user";
import { ElasticacheUserGroup } from "@cdktf/provider-aws/lib/elasticache-user-group";
import { Construct } from "constructs";
import type { Allowed } from "./connection";

/** Users of this engine work with Valkey too, so a cache can move to it without touching them. */
const ENGINE = "redis";
/** Everything on every key but what administrators do; INFO, which client libraries ask first, is one of those. */
const APPLICATION_ACCESS = "on ~* &* +@all -@dangerous +info";

export interface CacheUsersProps {
  /** The replication group's id; the user group is called the same. */
  readonly groupId: string;
  /** The application's user, which logs in with a token that IAM signs. */
  readonly iamUser: string;
}

/**
 * The users of a cache: the application's, by IAM, and the default user that every group must have, switched off.
 * There is no password, and so none in the state.
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
      // Not an authenticationMode: AWS calls it no-password when it is read, so every plan would change it.
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
   * What the application's own role must be allowed, to log in to a cache as the IAM user.
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
