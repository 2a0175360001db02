import 'reflect-metadata';
import { describeType } from '../errors/describeType';
import { RunwrightError } from '../errors/RunwrightError';
import type { ManifestRunner } from '../packer/manifest/RunnerManifest';
import type { CheckAnswer, CheckRequest } from './checkPackage';
import { inspectCode } from './inspectCode';
import { loadModel } from './loadModel';

// The program of the child process in which a package is loaded once before it is published.
process.once('message', (request: CheckRequest) => {
  // From here on the code of the package alone decides how long this process has something to do.
  process.channel?.unref();
  void answer(request).then((message) => process.send?.(message, () => process.disconnect()));
});

async function answer(request: CheckRequest): Promise<CheckAnswer> {
  try {
    return { ok: true, runner: await check(request) };
  } catch (error) {
    if (!RunwrightError.is(error)) {
      const hint = 'It was thrown while the packed code was loaded and scanned: correct the entry';
      return { ok: false, code: undefined, what: String(error), where: undefined, hint };
    }
    const { code, what, where, hint } = error;
    return { ok: false, code, what, where, hint };
  }
}

async function check({ codeFile, wanted, entry }: CheckRequest): Promise<ManifestRunner> {
  const failed = firstFailure();
  const { runner, guard } = await inspectCode(codeFile, wanted, entry, loadModel);
  // An entry may train first and register then: what it started is let run before it is judged.
  const failure = await Promise.race([failed, drained()]);
  guard.throwIfCalled();
  if (failure === undefined) return runner;
  throw new RunwrightError('RW_PACKAGE_CHECK_FAILED', {
    where: entry,
    what: `something that it starts when it is imported failed: ${failure instanceof Error ? failure.message : describeType(failure)}`,
    hint: 'An entry only defines classes when it is imported: move everything else into functions',
  });
}

/** What nobody caught, so that it is an answer instead of the end of the process. */
function firstFailure(): Promise<unknown> {
  return new Promise((resolve) => {
    process.on('unhandledRejection', (reason) => resolve(reason ?? new Error('undefined was thrown')));
    process.on('uncaughtException', resolve);
  });
}

const LONGEST_MS = 5_000;

/** Resolves when the process has nothing left to do; or, where something keeps it alive for good, after a while. */
function drained(): Promise<undefined> {
  return new Promise((resolve) => {
    process.once('beforeExit', () => resolve(undefined));
    setTimeout(resolve, LONGEST_MS, undefined).unref();
  });
}
