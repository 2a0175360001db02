import 'reflect-metadata';
import { IsNumber, IsString } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { Dispose } from '../../../src/decorators/Dispose';
import { Load } from '../../../src/decorators/Load';
import { Postprocess } from '../../../src/decorators/Postprocess';
import { Predict } from '../../../src/decorators/Predict';
import { Preprocess } from '../../../src/decorators/Preprocess';
import { Runner } from '../../../src/decorators/Runner';
import { Save } from '../../../src/decorators/Save';
import { RunnerInvalidError } from '../../../src/errors/RunnerInvalidError';
import { RunwrightError } from '../../../src/errors/RunwrightError';
import type { Constructor } from '../../../src/metadata/Constructor';
import { scanRunner } from '../../../src/scanner/scanRunner';
import { Unvalidated } from '../../../src/schema/Unvalidated';

// As a JavaScript user would call it.
const Untyped = Predict as (options: object | null) => MethodDecorator;

class Input {
  @IsNumber() value!: number;
}
class Output {
  @IsString() label!: string;
}

@Runner({ name: 'whole', description: 'every stage' })
class Whole {
  @Save() save(_model: unknown) {
    return { file: 'x' };
  }
  @Load() static load() {
    return {};
  }
  @Preprocess({ input: Input }) prepare(data: Input) {
    return data.value;
  }
  @Predict() predict(_model: unknown, value: number) {
    return value;
  }
  @Postprocess({ output: () => [Output] }) answer(_value: number) {
    return [];
  }
  @Dispose() end(_model: unknown) {}
}

const faultsOf = (runnerClass: Constructor): string[] => {
  try {
    scanRunner(runnerClass);
  } catch (error) {
    if (error instanceof RunnerInvalidError)
      return error.faults.map(({ where, what }) => `${where}: ${what}`);
    throw error;
  }
  return [];
};

const isDeeplyFrozen = (value: unknown): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen));

describe('scanRunner', () => {
  it('gives a deeply frozen plain model of the class', () => {
    const definition = scanRunner(Whole);
    expect(definition).toMatchObject({
      name: 'whole',
      description: 'every stage',
      className: 'Whole',
      runnerClass: Whole,
      batch: undefined,
      stream: false,
      explicitTypes: { input: true, output: true },
      stages: {
        save: { method: 'save', static: false, where: 'Whole.save' },
        load: { method: 'load', static: true },
        preprocess: { method: 'prepare' },
        predict: { method: 'predict' },
        postprocess: { method: 'answer' },
        dispose: { method: 'end' },
      },
    });
    expect(definition.input.typeName).toBe('Input');
    expect(definition.output.typeName).toBe('Output[]');
    expect(isDeeplyFrozen(definition)).toBe(true);
  });

  it('names a runner after its class', () => {
    @Runner()
    class Plain {
      @Predict({ input: Unvalidated, output: Unvalidated }) go() {}
    }
    expect(scanRunner(Plain).name).toBe('Plain');
    @Runner('short')
    class Named {
      @Predict({ input: Unvalidated, output: Unvalidated }) go() {}
    }
    expect(scanRunner(Named).name).toBe('short');
  });

  it('lets a derived class win, per stage, and leaves the parent as it was', () => {
    @Runner()
    class Base {
      @Preprocess({ input: Unvalidated }) prepare(data: unknown) {
        return data;
      }
      @Predict({}) predict(_model: unknown, data: unknown) {
        return data;
      }
      @Postprocess({ output: Unvalidated }) answer(output: unknown) {
        return output;
      }
    }
    @Runner()
    class Derived extends Base {
      @Preprocess({ input: Input }) read(data: Input) {
        return data;
      }
      override predict(_model: unknown, data: unknown) {
        return [data];
      }
    }
    const derived = scanRunner(Derived);
    expect(derived.stages.preprocess?.method).toBe('read');
    expect(derived.stages.predict).toMatchObject({ method: 'predict', where: 'Derived.predict' });
    expect(derived.stages.postprocess?.method).toBe('answer');
    expect(derived.input.typeName).toBe('Input');
    expect(scanRunner(Base).stages.preprocess?.method).toBe('prepare');
  });

  it('takes the type of a later class through a thunk', () => {
    @Runner()
    class Early {
      @Predict({ input: () => Later, output: Unvalidated }) predict(_model: unknown, data: unknown) {
        return data;
      }
    }
    class Later {
      @IsNumber() value!: number;
    }
    expect(scanRunner(Early).input.typeName).toBe('Later');
  });

  it('decides streaming by generator or option', () => {
    @Runner()
    class Generates {
      @Predict({ input: Unvalidated, output: Unvalidated }) async *tokens() {
        yield await Promise.resolve(1);
      }
    }
    @Runner()
    class Declares {
      @Predict({ input: Unvalidated, output: Unvalidated, stream: true }) tokens(): AsyncIterable<number> {
        return new Generates().tokens();
      }
    }
    expect(scanRunner(Generates).stream).toBe(true);
    expect(scanRunner(Declares).stream).toBe(true);
  });

  it('collects every fault of a class in one error', () => {
    @Runner({ name: 'no good/name' })
    class Faulty {
      @Save() save() {
        return {};
      }
      @Preprocess({ input: Date }) first(data: unknown) {
        return data;
      }
      @Preprocess({ input: Input }) second(data: unknown) {
        return data;
      }
      @Postprocess() answer(output: unknown) {
        return output;
      }
    }
    const faults = faultsOf(Faulty).join('\n');
    expect(faults).toContain('cannot stand in a URL');
    expect(faults).toContain('no method is the predict stage');
    expect(faults).toContain('more than one method is the preprocess stage: `first`, `second`');
    expect(faults).toContain('Faulty.save: @Save() stands without @Load()');
    expect(faults).toContain('Faulty.first: input:');
    expect(faults).toContain('Faulty.answer: the output type is not given');
  });

  it('refuses a class without @Runner of its own', () => {
    class Unmarked extends Whole {}
    expect(faultsOf(Unmarked)).toEqual(['Unmarked: it is not a runner']);
  });

  it('refuses a decorated accessor without running it', () => {
    let ran = false;
    @Runner()
    class Accessor {
      get predict(): () => number {
        ran = true;
        return () => 1;
      }
    }
    const descriptor = Object.getOwnPropertyDescriptor(Accessor.prototype, 'predict');
    (Predict({ input: Unvalidated, output: Unvalidated }) as (...args: unknown[]) => void)(
      Accessor.prototype,
      'predict',
      descriptor,
    );
    expect(faultsOf(Accessor)).toEqual(['Accessor.predict: @Predict() is on a getter or setter']);
    expect(ran).toBe(false);
  });

  it('refuses a stage that a derived class turns into something else', () => {
    @Runner()
    class Base {
      @Predict({ input: Unvalidated, output: Unvalidated }) predict() {}
    }
    @Runner()
    class Derived extends Base {}
    Object.defineProperty(Derived.prototype, 'predict', { value: 3 });
    expect(faultsOf(Derived)).toEqual([
      'Derived.predict: the predict stage is overridden by something that is not a method',
    ]);
  });

  it('refuses one method for two stages, also by way of inheritance', () => {
    @Runner()
    class Base {
      @Preprocess({ input: Unvalidated }) transform(data: unknown) {
        return data;
      }
    }
    @Runner()
    class Derived extends Base {
      @Predict({ output: Unvalidated }) override transform(data: unknown) {
        return data;
      }
    }
    expect(faultsOf(Derived)).toEqual([
      'Derived.transform: one method is both the preprocess and the predict stage',
    ]);
  });

  it('refuses batch with stream, a bad batch, and options that it does not know', () => {
    @Runner()
    class Both {
      @Untyped({ input: Unvalidated, output: Unvalidated, batch: { maxSize: 2 }, stream: true }) predict() {}
    }
    expect(faultsOf(Both)).toEqual(['Both.predict: batch and stream are asked for together']);
    @Runner()
    class Sizes {
      @Untyped({ input: Unvalidated, output: Unvalidated, batch: { maxSize: 0.5 }, size: 1 }) predict() {}
    }
    expect(faultsOf(Sizes)).toEqual([
      'Sizes.predict: the decorator got an unknown option "size"',
      'Sizes.predict: `batch` has no positive whole `maxSize`',
    ]);
  });

  it('refuses options of batch that could not work', () => {
    const faultsWith = (batch: unknown): string[] => {
      @Runner('sized')
      class Sized {
        @Untyped({ input: Unvalidated, output: Unvalidated, batch }) predict() {}
      }
      return faultsOf(Sized);
    };
    const cost = () => 1;
    for (const batch of [5, null, {}, { maxSize: '2' }, { maxSize: 0 }, { maxSize: Infinity }]) {
      expect(faultsWith(batch)).toEqual(['Sized.predict: `batch` has no positive whole `maxSize`']);
    }
    expect(faultsWith({ maxSize: 2, maxDelay: -1 })).toEqual(['Sized.predict: `batch.maxDelay` is -1']);
    expect(faultsWith({ maxSize: 2, maxDelay: '5' })).toEqual(['Sized.predict: `batch.maxDelay` is string']);
    expect(faultsWith({ maxSize: 2, maxDelay: NaN })).toEqual(['Sized.predict: `batch.maxDelay` is NaN']);
    expect(faultsWith({ maxSize: 2, maxCost: 5 })).toEqual([
      'Sized.predict: `batch.maxCost` stands without `cost`, so it limits nothing',
    ]);
    expect(faultsWith({ maxSize: 2, cost })).toEqual([
      'Sized.predict: `batch.cost` stands without `maxCost`, so it limits nothing',
    ]);
    expect(faultsWith({ maxSize: 2, cost: 5, maxCost: 0 })).toEqual([
      'Sized.predict: `batch.cost` is number',
      'Sized.predict: `batch.maxCost` is 0',
    ]);
    expect(faultsWith({ maxSize: 2, bucket: 'shapes' })).toEqual([
      'Sized.predict: `batch.bucket` is "shapes"',
    ]);
    expect(faultsWith({ maxSize: 2, bucket: 7, timeout: 3 })).toEqual([
      'Sized.predict: `batch` got an unknown option "timeout"',
      'Sized.predict: `batch.bucket` is number',
    ]);
  });

  it('keeps options of batch and of the protocol, frozen', () => {
    const cost = (modelInput: string): number => modelInput.length;
    const batch = { maxSize: 2, maxDelay: 0.5, cost, maxCost: 64, bucket: 'shape' } as const;
    @Runner({ oip: { batch: false } })
    class Sized {
      @Predict({ input: Unvalidated, output: Unvalidated, batch }) predict(_model: unknown, rows: string[]) {
        return rows;
      }
    }
    const definition = scanRunner(Sized);
    expect(definition.batch).toEqual(batch);
    expect(definition.oip).toEqual({ batch: false });
    expect(isDeeplyFrozen(definition)).toBe(true);
  });

  it('refuses options of the protocol that it does not know', () => {
    const AnyRunner = Runner as (options: unknown) => ClassDecorator;
    const faultsWith = (oip: unknown): string[] => {
      @AnyRunner({ oip })
      class Shown {
        @Untyped({ input: Unvalidated, output: Unvalidated }) predict() {}
      }
      return faultsOf(Shown);
    };
    expect(faultsWith(false)).toEqual(['Shown: `oip` is boolean']);
    expect(faultsWith({ batch: 'no' })).toEqual(['Shown: `oip.batch` is string']);
    expect(faultsWith({ batched: false })).toEqual(['Shown: `oip` got an unknown option "batched"']);
  });

  it('refuses what JavaScript can write where options or their values are expected', () => {
    const AnyRunner = Runner as (options: unknown) => ClassDecorator;
    @AnyRunner(null)
    class Nothing {
      @Untyped(null) predict() {}
    }
    expect(faultsOf(Nothing)).toEqual([
      'Nothing: @Runner() got null where its options are expected',
      'Nothing.predict: @Predict() got null where its options are expected',
      expect.stringContaining('Nothing.predict: the input type'),
      'Nothing.predict: the output type is not given',
    ]);
    @AnyRunner(5)
    class Values {
      @Untyped({ input: Unvalidated, output: Unvalidated, stream: 'yes' }) predict() {}
    }
    expect(faultsOf(Values)).toEqual([
      'Values: @Runner() got number where its options are expected',
      'Values.predict: `stream` is string',
    ]);
  });

  it('refuses types on a stage that does not see them', () => {
    @Runner()
    class Misplaced {
      @Preprocess({ input: Input }) prepare(data: Input) {
        return data;
      }
      @Predict({ input: Input, output: Output }) predict() {
        return {};
      }
      @Postprocess({ output: Output }) answer() {
        return { label: '' };
      }
    }
    expect(faultsOf(Misplaced)).toHaveLength(2);
  });

  it('refuses what is not a class', () => {
    for (const value of [undefined, {}, 'Runner', () => 1]) {
      expect(() => scanRunner(value as never)).toThrow(RunwrightError);
    }
  });

  it('asks no metadata after scanning', async () => {
    const definition = scanRunner(Whole);
    const { getOwnMetadata, getMetadata } = Reflect;
    const asked = (): never => {
      throw new Error('Reflect was asked');
    };
    Object.assign(Reflect, { getOwnMetadata: asked, getMetadata: asked });
    try {
      expect(await definition.input.parse({ value: 1 })).toMatchObject({ ok: true });
      expect(definition.output.jsonSchema()).toBeTypeOf('object');
    } finally {
      Object.assign(Reflect, { getOwnMetadata, getMetadata });
    }
  });
});

describe('emitted types', () => {
  const emits = Reflect.hasMetadata('design:paramtypes', Whole.prototype, 'prepare');

  @Runner()
  class Implicit {
    @Preprocess() prepare(data: Input) {
      return data;
    }
    @Predict({ output: Unvalidated }) predict(_model: unknown, data: Input) {
      return data;
    }
  }

  it.runIf(emits)('stand in for an input type that is not given', () => {
    const definition = scanRunner(Implicit);
    expect(definition.input.typeName).toBe('Input');
    expect(definition.explicitTypes.input).toBe(false);
  });

  it.runIf(!emits)('are missed with advice that fits', () => {
    expect(faultsOf(Implicit).join()).toContain('the compiler emitted no parameter types');
  });

  it('that say nothing are told apart from missing ones', () => {
    @Runner()
    class Vague {
      @Predict({ output: Unvalidated }) predict(_model: unknown, data: Record<string, number>) {
        return data;
      }
    }
    if (!emits) Reflect.defineMetadata('design:paramtypes', [Object, Object], Vague.prototype, 'predict');
    expect(faultsOf(Vague)).toEqual([
      'Vague.predict: the input type is unknown: the compiler emitted `Object` for it',
    ]);
    expect(() => scanRunner(Vague)).toThrow('`import type`');
  });
});
