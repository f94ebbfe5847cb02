/**
 * Actions without resource-level permissions, of the services that the stacks use, in lower case.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
const UNSCOPED = [
  /^ec2:describe(availabilityzones|networkinterfaces|routetables|securitygroups|securitygrouprules|subnets|vpcs)$/,
  /^ec2:describe(vpcpeeringconnections|managedprefixlists)$/,
  /^ec2:describe(images|instances|instancecreditspecifications|instancetypes|instancetypeofferings|tags|volumes)$/,
  /^kms:(createkey|listaliases|listkeys|generaterandom)$/,
  /^logs:(describeloggroups|describeresourcepolicies|putresourcepolicy|deleteresourcepolicy)$/,
  /^logs:(create|get|update|delete|list)logdeliver(y|ies)$/,
  /^rds:describe(accountattributes|dbengineversions|orderabledbinstanceoptions)$/,
  /^servicequotas:getawsdefaultservicequota$/,
  /^secretsmanager:(getrandompassword|listsecrets)$/,
];

/** Whether an action supports resource-level permissions. */
export function hasResources(action: string): boolean {
  return !UNSCOPED.some((pattern) => pattern.test(action.toLowerCase()));
}
