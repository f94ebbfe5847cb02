/** GitHub's issuer of the tokens that its jobs get. https://docs.github.com/en/actions/reference/security/oidc */
export const GITHUB = "token.actions.githubusercontent.com";
export const AUDIENCE = "sts.amazonaws.com";

export interface GithubTrustProps {
  /** The ARN of GitHub's OIDC provider in the account. */
  readonly providerArn: string;
  /** `acme/news-api` */
  readonly repository: string;
  /** What tells the jobs: `environment:prod`, `ref:refs/heads/main`. */
  readonly jobs: readonly string[];
}

/** The trust policy of a role that jobs of one repository take, and no others. */
export function githubTrust({ providerArn, repository, jobs }: GithubTrustProps) {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: providerArn },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: {
            [`${GITHUB}:aud`]: AUDIENCE,
            [`${GITHUB}:sub`]: jobs.map((job) => `repo:${repository}:${job}`),
          },
        },
      },
    ],
  };
}
