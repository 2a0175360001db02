import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { corruptBlob } from '../../artifact/corruptBlob';
import type { Descriptor } from '../../artifact/Descriptor';
import { refuseAborted } from '../../errors/refuseAborted';
import { RunwrightError } from '../../errors/RunwrightError';
import type { ReadOptions, RemoteBlobs } from './RemoteBlobs';

/** Streams in a row that may break before they have brought anything. */
const TRIES = 6;

/** Milliseconds before the second of them; it doubles. */
const PAUSE = 200;

/**
 * A blob's bytes, as one stream: one that breaks is asked for again from where it broke. There may be more of them than the
 * blob has, and nothing is verified.
 *
 * @param where for messages: the registry or the repository
 * @throws RunwrightError RW_PACKAGE_CORRUPT (there are fewer), RW_REGISTRY_UNAVAILABLE, RW_REGISTRY_DENIED, RW_ABORTED
 */
export async function* readOn(
  remote: RemoteBlobs,
  descriptor: Descriptor,
  where: string,
  { offset = 0, signal }: ReadOptions = {},
): AsyncGenerator<Buffer> {
  let position = offset;
  for (let tries = 0; position < descriptor.size;) {
    refuseAborted(signal, where);
    const before = position;
    // What this throws has been tried often enough.
    const stream = await remote.read(descriptor, { offset: position, signal });
    let failure: unknown;
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        position += chunk.length;
        yield chunk;
      }
    } catch (error) {
      refuseAborted(signal, where);
      if (RunwrightError.is(error) && error.code !== 'RW_REGISTRY_UNAVAILABLE') throw error;
      failure = error;
    } finally {
      stream.destroy();
    }
    if (position > before) tries = 0;
    else if ((tries += 1) >= TRIES) throw brokenOff(failure, descriptor, position, where);
    else await sleep(randomInt(PAUSE * 2 ** (tries - 1)), undefined, { signal }).catch(() => undefined);
  }
}

function brokenOff(
  failure: unknown,
  descriptor: Descriptor,
  position: number,
  where: string,
): RunwrightError {
  if (RunwrightError.is(failure)) return failure;
  const { digest, size } = descriptor;
  if (failure === undefined) {
    return corruptBlob(where, descriptor, `the registry gives ${position} bytes of it, not ${size}`);
  }
  return new RunwrightError('RW_REGISTRY_UNAVAILABLE', {
    where: `${where} (${digest})`,
    what: `the blob broke off ${TRIES} times after ${position} of ${size} bytes`,
    hint: 'Try again: it goes on from there',
    cause: failure,
  });
}
