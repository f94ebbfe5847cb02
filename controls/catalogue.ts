import { attachedPolicyControls } from "./attached-policy";
import { bastionControls } from "./bastion";
import { cacheControls } from "./cache";
import type { Control } from "./control";
import { databaseControls } from "./database";
import { foreignAccountControls } from "./foreign-account";
import { ignoredChangesControls } from "./ignored-changes";
import { keyProtectionControls } from "./key-protection";
import { logGroupControls } from "./log-group";
import { networkAccessControls } from "./network-access";
import { notificationControls } from "./notification";
import { permissionControls } from "./permission";
import { secretControls } from "./secret";
import { stateBucketControls } from "./state-bucket";
import { storeSecurityGroupControls } from "./store-security-group";
import { topicControls } from "./topic";
import { trustControls } from "./trust";
import { unknownContentControls } from "./unknown-content";

/**
 * The controls of AWS Foundational Security Best Practices, CIS AWS Foundations 5.0.0, Checkov and Trivy that apply to
 * the stacks, and controls that all of these miss (MDS, for Managed Data Stores).
 */
export const CATALOGUE: readonly Control[] = [
  ...databaseControls,
  ...cacheControls,
  ...networkAccessControls,
  ...bastionControls,
  ...stateBucketControls,
  ...secretControls,
  ...logGroupControls,
  ...notificationControls,
  ...permissionControls,
  ...trustControls,
  ...topicControls,
  ...attachedPolicyControls,
  ...storeSecurityGroupControls,
  ...keyProtectionControls,
  ...foreignAccountControls,
  ...ignoredChangesControls,
  ...unknownContentControls,
];

/** The IDs that a waiver may name. */
export const CONTROL_IDS: readonly string[] = CATALOGUE.map(({ id }) => id);

/** Finds a control by its ID here or in another catalogue. */
export function controlWith(id: string): Control | undefined {
  return CATALOGUE.find((control) => [control.id, ...control.also].includes(id));
}
