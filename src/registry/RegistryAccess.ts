export interface LogInOptions {
  /** With `password`, for an OCI registry. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Alone, for VESSL. */
  readonly token?: string | undefined;
  /** Where the variables are looked up; `process.env` by default. */
  readonly environment?: NodeJS.ProcessEnv | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For messages: what names the registry. Default `registry`. */
  readonly where?: string | undefined;
}

/** What a registry has said to credentials. */
export interface RegistryAccess {
  /** Where they are kept, for people: a variable, a file, a helper program. `null` when there are none. */
  readonly source: string | null;
  /** Whose they are, as far as it is known. */
  readonly username: string | null;
  /** Whether they were written there now. */
  readonly stored: boolean;
  /** False when the registry lets anybody in so far, and did not look at them. */
  readonly checked: boolean;
}
