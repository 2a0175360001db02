import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newOwnerId, OWNER_ID } from '../artifact/ownerId';
import { removeLeftovers } from '../artifact/removeLeftovers';
import { ioError } from '../errors/ioError';

const FORM = new RegExp(`^runwright-(${OWNER_ID})-[A-Za-z0-9]{6}$`);

/**
 * Gives `work` a new empty folder and removes it afterwards, whatever happened. What cannot be removed then, or belongs to
 * a process that was killed, is removed by a later one.
 */
export async function withTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  await removeLeftovers(tmpdir(), FORM);
  const folder = await makeFolder();
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function makeFolder(): Promise<string> {
  try {
    return await realpath(await mkdtemp(join(tmpdir(), `runwright-${newOwnerId()}-`)));
  } catch (cause) {
    throw ioError(cause, tmpdir(), 'make a temporary folder');
  }
}
