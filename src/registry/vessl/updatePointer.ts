import { digestOf } from '../../artifact/digestOf';
import { RunwrightError } from '../../errors/RunwrightError';
import type { RepositoryName } from '../Registry';
import { readState, type ModelState } from './ModelState';
import { formatPointer, type PackagePointer } from './PackagePointer';
import type { VesslPlatform } from './VesslPlatform';
import type { WriteCondition } from './Volume';
import { POINTER_KEY } from './volumeLayout';

/** Writers that may come in between. */
const TRIES = 20;

/** Bytes; no more than this is read of an answer. */
const MAX_SIZE = 8 * 1024 * 1024;

/**
 * Replaces the pointer of a number, in one atomic step. When somebody else has replaced it meanwhile, the change is made on
 * top of theirs; a store that knows no conditional writes lets the last one win.
 *
 * @param change gets the present pointer, and may refuse by throwing
 * @throws RunwrightError RW_MODEL_CONFLICT (others come in between again and again), and what `change` throws
 */
export async function updatePointer(
  platform: VesslPlatform,
  name: RepositoryName,
  state: ModelState,
  change: (before: PackagePointer | undefined) => PackagePointer,
  signal?: AbortSignal,
): Promise<ModelState> {
  let current = state;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const pointer = change(current.pointer);
    const bytes = formatPointer(pointer);
    if (isSame(bytes, current.pointer)) return current;
    requireReadable(bytes, current);
    const condition = conditionOf(current);
    const { volume, model } = current;
    const written = await volume.write(POINTER_KEY, bytes, digestOf(bytes), { condition, signal });
    if (written) return { model, volume, pointer };
    current = await readState(platform, name, model);
    // The answer to an earlier try got lost.
    if (isSame(bytes, current.pointer)) return current;
  }
  throw new RunwrightError('RW_MODEL_CONFLICT', {
    where: state.volume.where,
    what: 'others register under the number at the same time, again and again',
    hint: 'Try again when they have finished',
  });
}

function requireReadable(bytes: Buffer, { volume }: ModelState): void {
  if (bytes.length <= MAX_SIZE) return;
  throw new RunwrightError('RW_PACKAGE_INVALID', {
    where: volume.where,
    what: `this package and those before it under the number have too many files to be listed in ${MAX_SIZE} bytes`,
    hint: 'Register without a number to get a new one, or put small files together into one',
  });
}

function isSame(bytes: Buffer, pointer: PackagePointer | undefined): boolean {
  return pointer !== undefined && bytes.equals(formatPointer(pointer));
}

function conditionOf({ pointer, etag }: ModelState): WriteCondition | undefined {
  if (pointer === undefined) return { ifNoneMatch: '*' };
  return etag === undefined ? undefined : { ifMatch: etag };
}
