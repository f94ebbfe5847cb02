/** The issuer of the tokens that GitHub gives its jobs. https://docs.github.com/en/actions/reference/security/oidc */
export const GITHUB = "token.actions.githubusercontent.com";
export const AUDIENCE = "sts.amazonaws.com";

export interface GithubTrustProps {
  /** The ARN of GitHub's OIDC provider in the account. */
  readonly providerArn: string;
  /** `acme/news-api` */
  readonly repository: string;
  /** The end of the subject claim: `environment:prod`, `ref:refs/heads/main`. */
  readonly jobs: readonly string[];
}

/** The trust policy of a role that only jobs of one repository may assume. */
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
