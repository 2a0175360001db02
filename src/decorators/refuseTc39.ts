import { RunwrightError } from '../errors/RunwrightError';

/** Under the TC39 proposal a decorator is called with `(value, context)`, and there is nowhere to write metadata. */
export function refuseTc39(decorator: string, second: unknown): void {
  if (typeof second !== 'object' || second === null || !('kind' in second)) return;
  const name = 'name' in second ? String(second.name) : undefined;
  throw new RunwrightError('RW_DECORATOR_TC39', {
    where: name === undefined ? decorator : `${decorator} on ${name}`,
    what: 'the compiler emitted TC39 decorators, Runwright needs the legacy ones',
    hint: 'Set "experimentalDecorators": true (and "emitDecoratorMetadata": true) in the tsconfig.json that compiles this file; `npx runwright doctor` checks the rest',
  });
}
