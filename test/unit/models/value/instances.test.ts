import { expect, describe, test } from 'vitest';
import { loadValue } from '../../../../src/models/value/loadValue';
import type { ModelClasses } from '../../../../src/models/value/ModelClass';
import { modelClassesOf } from '../../../../src/models/value/modelClassesOf';
import { saveValue } from '../../../../src/models/value/saveValue';
import { withFolder } from './withFolder';

class Scaler {
  constructor(readonly mean: Float32Array) {}
  toJSON(): unknown {
    return { mean: this.mean };
  }
  static fromJSON({ mean }: { mean: Float32Array }): Scaler {
    return new Scaler(mean);
  }
}

class Branch {
  constructor(
    readonly left: unknown,
    readonly right: unknown,
  ) {}
  toJSON(): unknown {
    return [this.left, this.right];
  }
  static fromJSON([left, right]: [unknown, unknown]): Promise<Branch> {
    return Promise.resolve(new this(left, right));
  }
}

class Bark extends Branch {}

class Broken {
  toJSON(): unknown {
    throw new Error('no');
  }
  static fromJSON(): unknown {
    throw new Error('neither');
  }
}

class BrokenOnLoad extends Broken {
  override toJSON(): unknown {
    return 1;
  }
}

const classes = modelClassesOf({ Scaler, Branch, Bark, Broken, BrokenOnLoad });

const roundTrip = (value: unknown, known: ModelClasses = classes): Promise<unknown> =>
  withFolder(async (directory) => {
    await saveValue(value, directory);
    return loadValue(directory, { classes: known });
  });

describe('instances of classes with toJSON and fromJSON', () => {
  test('come back as instances, with the typed arrays that they hold', async () => {
    const back = await roundTrip({ scaler: new Scaler(new Float32Array([1, 2])) });
    expect(back).toEqual({ scaler: new Scaler(new Float32Array([1, 2])) });
    expect((back as { scaler: unknown }).scaler).toBeInstanceOf(Scaler);
  });

  test('may hold each other, as members and as keys', async () => {
    const leaf = new Bark(1, 2);
    const tree = new Branch(new Branch(leaf, [leaf]), new Map([[leaf, new Set([leaf])]]));
    const back = (await roundTrip(tree)) as typeof tree;
    expect(back).toEqual(tree);
    const found = (back.left as Branch).left;
    expect(found).toBeInstanceOf(Bark);
    expect([...(back.right as Map<unknown, unknown>).keys()][0]).toBe(found);
  });

  test('share what they share', async () => {
    const weights = new Float32Array([1]);
    const back = (await roundTrip([new Scaler(weights), weights, new Scaler(weights)])) as [
      Scaler,
      unknown,
      Scaler,
    ];
    expect(back[0].mean).toBe(back[1]);
    expect(back[2].mean).toBe(back[1]);
  });

  test('may stand in a cycle that does not pass through what they save', async () => {
    const model: unknown[] = [new Scaler(new Float32Array(1))];
    model.push(model);
    const back = (await roundTrip(model)) as unknown[];
    expect(back[1]).toBe(back);
    expect(back[0]).toBeInstanceOf(Scaler);
  });

  test.each<[string, () => unknown]>([
    [
      'to itself',
      () => {
        const loop: unknown[] = [];
        const branch = new Branch(loop, 1);
        loop.push(branch);
        return branch;
      },
    ],
    [
      'to its owner',
      () => {
        const owner: Record<string, unknown> = {};
        owner['branch'] = new Branch(owner, 1);
        return owner;
      },
    ],
    [
      'elsewhere',
      () => {
        const loop: unknown[] = [];
        loop.push(loop);
        return new Branch(1, { loop });
      },
    ],
  ])('are refused when what they save leads into a cycle: %s', async (_, make) => {
    await expect(roundTrip({ model: make() })).rejects.toMatchObject({
      code: 'RW_MODEL_NOT_SERIALIZABLE',
      where: expect.stringMatching(/^model/) as string,
      what: expect.stringContaining('Branch') as string,
    });
  });

  test('are refused on loading when the class is not known, with what to do', async () => {
    await expect(roundTrip(new Scaler(new Float32Array(1)), {})).rejects.toMatchObject({
      code: 'RW_MODEL_FILE_INVALID',
      what: expect.stringContaining('an instance of Scaler') as string,
      hint: 'Export Scaler from the module that exports the runner',
    });
  });

  test('are refused when their class has no name', async () => {
    const value: unknown = new (class {
      toJSON(): number {
        return 1;
      }
      static fromJSON = (): number => 1;
    })();
    await expect(roundTrip(value)).rejects.toMatchObject({
      code: 'RW_MODEL_NOT_SERIALIZABLE',
      what: expect.stringContaining('a class without a name') as string,
    });
  });

  test('name the method when their own code fails', async () => {
    await expect(roundTrip(new Broken())).rejects.toMatchObject({
      code: 'RW_STAGE_FAILED',
      where: 'Broken.toJSON',
      cause: new Error('no'),
    });
    await expect(roundTrip(new BrokenOnLoad())).rejects.toMatchObject({
      code: 'RW_STAGE_FAILED',
      where: 'BrokenOnLoad.fromJSON',
      cause: new Error('neither'),
    });
  });
});

describe('modelClassesOf', () => {
  test('takes the exports that have a static fromJSON, by the name of the class and of the export', () => {
    const found = modelClassesOf({
      default: Scaler,
      Tree: Branch,
      Runner: class {},
      count: 1,
      nothing: null,
    });
    expect(found).toEqual({ default: Scaler, Scaler, Tree: Branch, Branch });
  });

  test('lets the name of an export win over the name of a class', () => {
    const renamed = class Scaler extends Branch {};
    expect(modelClassesOf({ Scaler, Other: renamed })['Scaler']).toBe(Scaler);
    expect(modelClassesOf({ Other: renamed, Scaler })['Scaler']).toBe(Scaler);
  });
});
