import type { Advice } from "./check";
import type { Target } from "./target";

/** The names of a target's environment and stack, for commands. */
export interface Place {
  /** `dev` */
  readonly environment: string;
  /** The stack of the data store, `news-api-dev-database`. */
  readonly stack: string;
  /** Whether the checks run in the application's network. */
  readonly inTask: boolean;
}

export const CA_BUNDLE_URL = "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem";

/** The usual causes of failures, and the next command. */
export type Problem = keyof typeof ADVICE;

const ADVICE = {
  unresolvable: ({ host }: Target, { stack }: Place): Advice => ({
    cause: `No DNS server knows ${host}. The data store was renamed or replaced after the URL was written, or the name is private to the VPC.`,
    next: `npm run plan -- ${stack}`,
  }),
  noResolver: (_: Target, place: Place): Advice => ({
    cause: "The DNS server does not answer. The machine has no network, or its VPN is down.",
    next: again(place),
  }),
  refused: ({ port }: Target, { stack }: Place): Advice => ({
    cause: `The host is up, but nothing listens on port ${port}. The URL has a different port from the data store, or the data store is restarting.`,
    next: `npm run plan -- ${stack}`,
  }),
  silentNetwork: ({ port }: Target, place: Place): Advice => ({
    cause: place.inTask
      ? `The security group of the data store has no rule for this task on port ${port}, or the subnets have no route to each other.`
      : `Security groups drop what they do not allow. Either this machine is outside the VPC, or no client in the settings covers it on port ${port}.`,
    next: place.inTask
      ? `Add the task's security group to clients, then: npm run deploy -- ${place.stack}`
      : `npm run connection -- ${place.environment} --test --from task`,
  }),
  silentServer: ({ port }: Target, { stack }: Place): Advice => ({
    cause: `The port is open, but nothing answers. Another program listens on port ${port}, a proxy cannot reach the data store, or the server is overloaded.`,
    next: `Look at the alarms and the log groups of ${stack}, then test again.`,
  }),
  noCaBundle: ({ rootCertificate = "" }: Target, { environment, inTask }: Place): Advice => ({
    cause: inTask
      ? `The URL says sslrootcert=${rootCertificate}, and this image has no such file.`
      : `The URL names the file of the application's container, ${rootCertificate}. This machine has no such file.`,
    next: inTask
      ? `Add to the image: curl --create-dirs -o ${rootCertificate} ${CA_BUNDLE_URL}`
      : `curl -O ${CA_BUNDLE_URL} && npm run connection -- ${environment} --test --ca global-bundle.pem`,
  }),
  noTls: ({ kind }: Target, { stack }: Place): Advice => ({
    cause:
      kind === "database"
        ? "The URL requires TLS, but the server does not offer it. The host is not an RDS instance, or a proxy is in between."
        : "The URL begins with rediss://, but the server does not accept TLS on this port.",
    next: `npm run plan -- ${stack}`,
  }),
  demandsTls: ({ kind }: Target, { stack }: Place): Advice => ({
    cause:
      kind === "database"
        ? "The server requires TLS (rds.force_ssl), but the URL turns it off with sslmode=disable."
        : "The server requires TLS (in-transit encryption), but the URL begins with redis://.",
    next: `npm run deploy -- ${stack}`,
  }),
  untrusted: ({ kind, rootCertificate }: Target, { environment }: Place): Advice => ({
    cause: rootCertificate
      ? `No certificate in ${rootCertificate} signed the server's. The CA bundle is old or for another server, or something intercepts the connection.`
      : "No certificate that this machine trusts signed the server's. A proxy intercepts TLS, or the host is not the data store.",
    next:
      kind === "database"
        ? `curl -O ${CA_BUNDLE_URL} && npm run connection -- ${environment} --test --ca global-bundle.pem`
        : "Install the ca-certificates package of the image, then test again.",
  }),
  wrongName: ({ host }: Target, { stack }: Place): Advice => ({
    cause: `The certificate is not for the name ${host}: the URL uses an alias or an IP address, or the data store was renamed and has not restarted.`,
    next: `npm run plan -- ${stack}`,
  }),
  expired: (_: Target, { stack }: Place): Advice => ({
    cause:
      "The server's certificate has expired or is not yet valid, or the clock of this machine is wrong. RDS renews the certificate when the CA is rotated.",
    next: `Set caCertificateIdentifier to a current CA, then: npm run deploy -- ${stack}`,
  }),
  wrongPassword: ({ variable }: Target, { stack }: Place): Advice => ({
    cause: `${variable} does not hold the current password. The task started before the last rotation, an apply stopped halfway, or someone changed the password manually.`,
    next: `npm run deploy -- ${stack}, then restart the application.`,
  }),
  noPassword: ({ variable }: Target, { stack }: Place): Advice => ({
    cause: `The server requires a password, but ${variable} has none.`,
    next: `npm run plan -- ${stack}`,
  }),
  refusedLogin: ({ user }: Target, { stack }: Place): Advice => ({
    cause: `The server does not let ${user || "this user"} log in. The user does not exist, is not allowed to log in, or must sign in another way.`,
    next: `npm run plan -- ${stack}`,
  }),
  noDatabase: ({ database }: Target, { stack }: Place): Advice => ({
    cause: `The database "${database}" does not exist on the server. A restored instance keeps the databases of its source.`,
    next: `Set dbName to one that exists, then: npm run deploy -- ${stack}`,
  }),
  tooMany: (_: Target, { stack }: Place): Advice => ({
    cause: "All connections are in use. The pools of all tasks together exceed max_connections.",
    next: `Shrink the pools, or raise instanceClass and run: npm run deploy -- ${stack}`,
  }),
  noPrivileges: ({ user, database }: Target, { environment }: Place): Advice => ({
    cause: `${user} has no privileges on the tables in ${database}. Another user owns them, or the privileges were revoked.`,
    next: `As the owner: GRANT USAGE ON SCHEMA … TO ${user}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA … TO ${user}; then: npm run connection -- ${environment} --test`,
  }),
  readOnly: ({ host }: Target, { stack }: Place): Advice => ({
    cause: `${host} accepts no writes. It is a read replica, or a failover is in progress.`,
    next: `Test again in a minute, then: npm run plan -- ${stack}`,
  }),
  evicts: (_: Target, { stack }: Place): Advice => ({
    cause:
      "The memory is nearly full and the policy is noeviction: writes will fail with an out-of-memory error.",
    next: `Set maxmemory-policy or a larger nodeType, then: npm run deploy -- ${stack}`,
  }),
  unexpected: (_: Target, place: Place): Advice => ({
    cause: "The server answered with an error that has no usual cause here.",
    next: again(place),
  }),
} as const;

function again({ environment }: Place): string {
  return `npm run connection -- ${environment} --test`;
}

/** The likely cause of a problem, and the next command. */
export function adviceFor(problem: Problem, target: Target, place: Place): Advice {
  return ADVICE[problem](target, place);
}
