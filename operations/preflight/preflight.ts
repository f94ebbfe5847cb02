import { cachesOf, databasesOf, dataStoresOf } from "../../settings/data-stores";
import type { Environment } from "../../settings/environment";
import type { Check } from "./check";
import { alarmTopic } from "./checks/alarm-topic";
import { bastion } from "./checks/bastion";
import { clientGroups, ingressRules } from "./checks/clients";
import { keys } from "./checks/keys";
import { cacheNames, databaseNames } from "./checks/names";
import { subnets, vpc } from "./checks/network";
import { orderable } from "./checks/orderable";
import { cacheQuotas, databaseQuotas } from "./checks/quotas";
import { cacheSnapshot, restoreSource } from "./checks/restore";
import { executionRole, monitoringRole } from "./checks/roles";
import { stateBucket } from "./checks/state-bucket";

/** All checks after that of the credentials. */
export function checksOf(environment: Environment): Check[] {
  const databases = databasesOf(environment);
  const caches = cachesOf(environment);
  return [
    stateBucket(environment),
    vpc(environment),
    subnets(environment),
    clientGroups(environment),
    ...executionRole(environment),
    ...alarmTopic(environment),
    ...databaseQuotas(environment, databases),
    ...cacheQuotas(environment, caches),
    ...bastion(environment),
    ...dataStoresOf(environment).flatMap((store) => [
      ingressRules(environment, store),
      ...keys(environment, store),
    ]),
    ...databases.flatMap((store) => [
      orderable(store),
      ...databaseNames(store),
      ...monitoringRole(store),
      ...restoreSource(store),
    ]),
    ...caches.flatMap((store) => [...cacheNames(store), ...cacheSnapshot(store)]),
  ];
}
