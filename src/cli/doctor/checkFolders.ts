import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCodeOf } from '../../errors/errorCodeOf';
import { RunwrightError } from '../../errors/RunwrightError';
import { cacheDirectory } from '../../artifact/cacheDirectory';
import type { RegistryOptions } from '../../registrar/RegistryOptions';
import { inspectRegistry } from '../../registry/inspectRegistry';
import { failed, ok, type Check } from './Check';

/** Whether the registry can be read and written, and the cache written. Nothing is made. */
export async function checkFolders({ registry, organizationName }: RegistryOptions): Promise<Check[]> {
  return [await checkRegistry(registry, organizationName), await checkCache()];
}

async function checkRegistry(
  registry: RegistryOptions['registry'],
  organization: string | undefined,
): Promise<Check> {
  const name = 'registry';
  try {
    const named = typeof registry === 'object' ? registry.url : registry;
    const { url, kind, fault: refusal } = await inspectRegistry(named, { organization });
    if (refusal !== null) return refused(name, refusal);
    const fault = kind === 'folder' ? await writeFault(url) : undefined;
    return fault === undefined
      ? ok(name, url)
      : failed(
          name,
          fault,
          'Give this user the right to write there, or name another folder with --registry',
        );
  } catch (error) {
    return refused(name, error);
  }
}

async function checkCache(): Promise<Check> {
  const name = 'cache';
  try {
    const directory = cacheDirectory();
    const fault = await writeFault(directory);
    const hint = 'Give this user the right to write there, or name another folder with RUNWRIGHT_CACHE';
    return fault === undefined ? ok(name, directory) : failed(name, fault, hint);
  } catch (error) {
    return refused(name, error);
  }
}

function refused(name: string, error: unknown): Check {
  if (!RunwrightError.is(error)) throw error;
  const { what, where, hint } = error;
  return failed(name, where === undefined ? what : `${where}: ${what}`, hint);
}

/** Why nothing can be written in a folder, which may still have to be made. */
async function writeFault(directory: string): Promise<string | undefined> {
  for (let folder = directory; ; folder = dirname(folder)) {
    try {
      await access(folder, constants.W_OK);
      return undefined;
    } catch (error) {
      const code = errorCodeOf(error);
      if (code !== 'ENOENT' || folder === dirname(folder)) {
        return `${folder} cannot be written (${code ?? 'unknown error'})`;
      }
    }
  }
}
