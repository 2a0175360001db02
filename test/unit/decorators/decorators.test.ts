import { describe, expect, it } from 'vitest';
import { Predict } from '../../../src/decorators/Predict';
import { Runner } from '../../../src/decorators/Runner';
import { RunwrightError } from '../../../src/errors/RunwrightError';
import { readRunner } from '../../../src/metadata/runnerMetadata';
import { readStage } from '../../../src/metadata/stageMetadata';

type AnyDecorator = (...args: unknown[]) => void;

const caught = (work: () => unknown): RunwrightError => {
  try {
    work();
  } catch (error) {
    if (error instanceof RunwrightError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

// reflect-metadata is not imported at the top: the first test needs a process without it.
describe('decorators', () => {
  it('say what to do when reflect-metadata is not loaded', () => {
    expect('defineMetadata' in Reflect).toBe(false);
    const error = caught(() => Runner()(class Iris {}));
    expect(error).toMatchObject({ code: 'RW_REFLECT_METADATA_MISSING', where: '@Runner() on Iris' });
    expect(error.message).toContain("import 'reflect-metadata'");
  });

  it('say what to set when they are called under TC39 emit', () => {
    const method = caught(() =>
      (Predict() as AnyDecorator)(() => 1, { kind: 'method', name: 'predict', static: false }),
    );
    expect(method).toMatchObject({ code: 'RW_DECORATOR_TC39', where: '@Predict() on predict' });
    expect(method.hint).toContain('"experimentalDecorators": true');
    const onClass = caught(() => (Runner() as AnyDecorator)(class {}, { kind: 'class', name: 'Iris' }));
    expect(onClass).toMatchObject({ code: 'RW_DECORATOR_TC39', where: '@Runner() on Iris' });
  });

  it('write metadata of the very class, which parents and children do not share', async () => {
    await import('reflect-metadata');
    class Base {
      predict() {}
    }
    class Derived extends Base {
      override predict() {}
    }
    for (const [owner, name] of [
      [Base, 'base'],
      [Derived, 'derived'],
    ] as const) {
      const descriptor = Object.getOwnPropertyDescriptor(owner.prototype, 'predict');
      (Predict({ batch: { maxSize: 2 } }) as AnyDecorator)(owner.prototype, 'predict', descriptor);
      Runner(name)(owner);
    }
    expect(readRunner(Base)).toEqual({ name: 'base' });
    expect(readRunner(Derived)).toEqual({ name: 'derived' });
    expect(readStage(Base, 'predict')).toHaveLength(1);
    expect(readStage(Derived, 'predict')).toEqual([
      { member: 'predict', static: false, kind: 'method', options: { batch: { maxSize: 2 } } },
    ]);
    expect(readStage(class extends Derived {}, 'predict')).toEqual([]);
  });
});
