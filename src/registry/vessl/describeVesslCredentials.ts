import { vesslConfigPath } from './readVesslConfig';
import { readVesslOrganization, readVesslToken } from './readVesslToken';

/** Where a token comes from, for people; never the token. */
export interface VesslCredentialsDescription {
  /** The variable or file that holds the token; absent when there is none. */
  readonly source?: string;
  /** The organization that VESSL's own settings name. */
  readonly organization?: string;
  /** The file that `runwright login` and `vessl configure` write. */
  readonly file?: string;
}

/** @throws RunwrightError RW_IO, RW_REGISTRY_DENIED (a file is not TOML) */
export async function describeVesslCredentials(
  environment: NodeJS.ProcessEnv = process.env,
): Promise<VesslCredentialsDescription> {
  const { token, source } = await readVesslToken(environment);
  const organization = await readVesslOrganization(environment);
  const file = vesslConfigPath(environment);
  return {
    ...(token !== undefined && { source }),
    ...(organization !== undefined && { organization }),
    ...(file !== undefined && { file }),
  };
}
