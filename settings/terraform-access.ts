import { type AssumeRole, roleAccount } from "./account";

/** The credentials that Terraform uses for one purpose. */
export interface TerraformAccess {
  readonly profile?: string | undefined;
  readonly assumeRole?: AssumeRole | undefined;
  /** The account that they must belong to, if known. */
  readonly account?: string | undefined;
}

/** The settings of an environment for accounts and credentials. */
interface Environment extends TerraformAccess {
  readonly stateBucket: TerraformAccess;
}

function accountOf({ account, assumeRole }: TerraformAccess): string | undefined {
  return account ?? (assumeRole && roleAccount(assumeRole.roleArn));
}

function isEmpty({ profile, assumeRole }: TerraformAccess): boolean {
  return profile === undefined && assumeRole === undefined;
}

/** The access of the AWS provider of a data store's stack. */
export function providerAccess(environment: Environment): TerraformAccess {
  const { profile, assumeRole } = environment;
  return { profile, assumeRole, account: accountOf(environment) };
}

/** The account of the state bucket, if known. */
export function bucketAccount(environment: Environment): string | undefined {
  return accountOf(environment.stateBucket) ?? accountOf(environment);
}

/** The access of the S3 backend: the bucket's own credentials, otherwise the environment's, in whichever account the bucket is. */
export function backendAccess(environment: Environment): TerraformAccess {
  const { stateBucket } = environment;
  if (isEmpty(stateBucket)) {
    return providerAccess(environment);
  }
  const { assumeRole, profile = assumeRole && environment.profile } = stateBucket;
  return { profile, assumeRole, account: bucketAccount(environment) };
}

/** The access of the state bucket's own stack. The environment's credentials cannot create a bucket in another account. */
export function bucketStackAccess(environment: Environment): TerraformAccess {
  const account = bucketAccount(environment);
  const isForeign = isEmpty(environment.stateBucket) && account !== accountOf(environment);
  return isForeign ? { account } : { ...backendAccess(environment), account };
}
