import { existsSync } from 'node:fs';
import { RunwrightError } from '../errors/RunwrightError';
import { logIn } from './logIn';
import { locateRegistry, type LocatedRegistry } from './locateRegistry';
import { openRegistry } from './openRegistry';
import type { RegistryLocation } from './RegistryLocation';

/** Which registry is used, and whether it can be. */
export interface RegistryInspection {
  readonly url: string;
  readonly kind: RegistryLocation['kind'];
  /** What named it. */
  readonly reason: LocatedRegistry['reason'];
  /** The organization of references that name none. */
  readonly organization: string;
  /** Where credentials come from: a variable, a file, a helper program. `null` when there are none, or none are needed. */
  readonly credentials: string | null;
  /** Whose they are, as far as it is known. */
  readonly username: string | null;
  /** Whether there is a folder, or a registry that answers. A folder that is not there yet is made by the first writing. */
  readonly answers: boolean;
  /** Why it cannot be used; `null` when it can. */
  readonly fault: RunwrightError | null;
}

export interface InspectOptions {
  readonly organization?: string | undefined;
  readonly environment?: NodeJS.ProcessEnv | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds out which registry is meant and speaks to it once. Nothing is written.
 *
 * @throws RunwrightError RW_REGISTRY_INVALID, RW_OPTION_INVALID
 */
export async function inspectRegistry(
  url: string | undefined,
  { organization, environment = process.env, signal }: InspectOptions = {},
): Promise<RegistryInspection> {
  const { location, reason } = locateRegistry(url, environment);
  const registry = openRegistry(url, { organization, environment });
  const found = {
    url: registry.url,
    kind: location.kind,
    reason,
    organization: registry.defaultOrganization,
  };
  let answers = true;
  let source: string | null = null;
  let username: string | null = null;
  try {
    if (location.kind === 'folder') {
      answers = existsSync(location.directory);
      await registry.listModels({ organization: registry.defaultOrganization, limit: 1 });
    } else {
      ({ source, username } = await describe(location, environment));
      const { username: owner } = await logIn(location.url, { environment, signal });
      username ??= owner;
    }
    return { ...found, credentials: source, username, answers, fault: null };
  } catch (error) {
    if (!RunwrightError.is(error) || error.code === 'RW_ABORTED') throw error;
    return { ...found, credentials: source, username, answers: false, fault: error };
  }
}

/** Where credentials come from, before it is known whether they are right. */
async function describe(
  location: Exclude<RegistryLocation, { kind: 'folder' }>,
  environment: NodeJS.ProcessEnv,
): Promise<{ source: string | null; username: string | null }> {
  if (location.kind === 'oci') {
    const { describeCredentials } = await import('./oci/auth/describeCredentials.js');
    const found = await describeCredentials(location.host, { environment });
    return { source: found?.source ?? null, username: found?.username ?? null };
  }
  const { describeVesslCredentials } = await import('./vessl/describeVesslCredentials.js');
  const { source = null } = await describeVesslCredentials(environment);
  return { source, username: null };
}
