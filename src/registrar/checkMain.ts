import 'reflect-metadata';
import { RunwrightError } from '../errors/RunwrightError';
import type { CheckAnswer, CheckRequest } from './checkPackage';
import { inspectCode } from './inspectCode';

// The program of the child process in which a package is loaded once before it is published.
process.once('message', (request: CheckRequest) => {
  void check(request).then((answer) => process.send?.(answer, () => process.disconnect()));
});

async function check({ codeFile, wanted, entry }: CheckRequest): Promise<CheckAnswer> {
  try {
    const { runner } = await inspectCode(codeFile, wanted, entry);
    return { ok: true, runner };
  } catch (error) {
    if (!RunwrightError.is(error))
      return { ok: false, code: undefined, what: String(error), where: undefined, hint: undefined };
    const { code, what, where, hint } = error;
    return { ok: false, code, what, where, hint };
  }
}
