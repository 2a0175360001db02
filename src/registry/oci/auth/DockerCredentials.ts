/** Who asks a registry, as Docker and Podman keep it. */
export type DockerCredentials =
  | { readonly username: string; readonly password: string }
  /** What an OAuth2 token service takes in place of a name and a password. */
  | { readonly identityToken: string };

/** Where the credentials of a host are looked up. */
export interface CredentialOptions {
  /** `process.env` by default. */
  readonly environment?: NodeJS.ProcessEnv | undefined;
  /** The user's home; looked up by default. */
  readonly homeFolder?: string | undefined;
}
