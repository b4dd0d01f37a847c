// The identities of GitHub's workflows, in the tokens that GitHub makes for them. Repositories that were made or renamed since
// 2026-07-15, or opted in, have numbers in the subject, which cannot be taken over with the name (GitHub, changelog of 2026-04-23,
// "Immutable subject claims for GitHub Actions OIDC tokens").

export const GITHUB_ISSUER = 'token.actions.githubusercontent.com';

export interface GithubRepository {
  /** `owner/name`. */
  readonly name: string;
  readonly id: string;
  readonly ownerId: string;
}

/** Which workflows of the repository: those of pull requests, or jobs of a GitHub environment. */
export type WorkflowContext = 'pull_request' | `environment:${string}`;

/**
 * Every subject that GitHub may write for them, by the age of the repository: with numbers, and without. Without them another could
 * take the name over, so a trust in the subject also asks for `repository_id`.
 */
export function subjectsOf({ name, id, ownerId }: GithubRepository, context: WorkflowContext): string[] {
  const [owner, repository] = name.split('/');
  return [`repo:${owner}@${ownerId}/${repository}@${id}:${context}`, `repo:${name}:${context}`];
}
