import 'reflect-metadata';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Load,
  Predict,
  Runner,
  RunwrightError,
  Save,
  Unvalidated,
  aliasModel,
  createModel,
  listModels,
  loadModel,
  openRegistry,
  pullModel,
  readModel,
  registerModel,
  type RegisterRunnerOptions,
  type RegisterProgress,
  type SaveContext,
} from '../../src/index';
import { Counter, PlainRunner } from './fixtures/plain.runner';
import { ScaleRunner } from './fixtures/scale.runner';
import { makeFolder, removeFolder } from './temporaryFolder';

const fixture = (name: string): string => join(__dirname, 'fixtures', name);

let folder: string;
let registry: string;
let cache: string;

beforeAll(async () => {
  folder = await makeFolder();
  registry = join(folder, 'registry');
  cache = join(folder, 'cache');
  await mkdir(join(folder, 'more/deep'), { recursive: true });
  await writeFile(join(folder, 'offset.txt'), '100');
  await writeFile(join(folder, 'more/deep/more.txt'), '1000');
});
afterAll(() => removeFolder(folder));

const register = (options: Partial<RegisterRunnerOptions> & { repositoryName: string }) =>
  registerModel({
    modelNumber: null,
    runner: ScaleRunner,
    entry: fixture('scale.runner.ts'),
    registry,
    ...options,
  });

const answer = async (reference: string, input: unknown): Promise<unknown> => {
  const handle = await loadModel(reference, { registry, cache });
  try {
    return await handle.run(input);
  } finally {
    await handle.close();
  }
};

const refusal = async (work: Promise<unknown>): Promise<RunwrightError> => {
  const error: unknown = await work.then(
    (value) => `it went through with ${JSON.stringify(value)}`,
    (reason: unknown) => reason,
  );
  if (!RunwrightError.is(error)) throw new Error(`not refused properly: ${String(error)}`);
  expect(error.hint ?? error.cause, 'a way out').toBeTruthy();
  return error;
};

describe('the four combinations', () => {
  it('null with an instance gives a new number, which answers from the registry', async () => {
    const first = await register({ repositoryName: 'combine', modelInstance: { factor: 3 } });
    expect(first).toMatchObject({
      organization: 'default',
      repository: 'combine',
      number: 1,
      reference: 'default/combine:1',
    });
    expect(await answer('combine:1', { value: 2 })).toEqual({ result: 6 });
    const second = await register({ repositoryName: 'combine', modelInstance: { factor: 5 } });
    expect(second.number).toBe(2);
    expect(second.digest).not.toBe(first.digest);
    expect(await answer('combine', { value: 2 })).toEqual({ result: 10 });
  });

  it('null without an instance needs @Load and artifacts', async () => {
    expect(await refusal(register({ repositoryName: 'load-only' }))).toMatchObject({
      code: 'RW_OPTION_INVALID',
      where: 'modelInstance',
    });
    const artifacts = { [join(folder, 'offset.txt')]: 'offset.txt', [join(folder, 'more/*')]: 'more/*' };
    expect(await register({ repositoryName: 'load-only', artifacts })).toMatchObject({ number: 1 });
    expect(await answer('load-only', { value: 7 })).toEqual({ result: 1107 });
    const plain = { runner: PlainRunner, entry: fixture('plain.runner.ts') };
    expect(await refusal(register({ repositoryName: 'plain-only', ...plain, artifacts }))).toMatchObject({
      code: 'RW_OPTION_INVALID',
    });
    expect(await listModels({ registry, repositoryName: 'plain-only' })).toEqual([]);
  });

  it('a number without an instance keeps model files and props, and adds artifacts', async () => {
    const before = await register({ repositoryName: 'keep', modelInstance: { factor: 4 } });
    const artifacts = { [join(folder, 'offset.txt')]: 'offset.txt' };
    const after = await register({ repositoryName: 'keep', modelNumber: 1, artifacts });
    expect(after).toMatchObject({ number: 1 });
    expect(after.digest).not.toBe(before.digest);
    expect(await answer('keep:1', { value: 1 })).toEqual({ result: 104 });
    // The old package stays readable by its digest, and its bytes are stored once.
    expect(await answer(`keep@${before.digest}`, { value: 1 })).toEqual({ result: 4 });
    const again = await register({
      repositoryName: 'keep',
      modelNumber: 1,
      artifacts: { [join(folder, 'more/*')]: 'more/*' },
    });
    expect((await readModel('keep:1', { registry })).manifest.artifacts).toEqual(['more/*', 'offset.txt']);
    expect(await answer('keep:1', { value: 1 })).toEqual({ result: 1104 });
    const [entry] = await listModels({ registry, repositoryName: 'keep' });
    expect(entry?.digest).toBe(again.digest);
    expect(entry?.history.map(({ digest }) => digest)).toEqual([after.digest, before.digest]);
  });

  it('a reserved number becomes servable', async () => {
    const { number, servable } = await createModel({ repositoryName: 'reserve', registry });
    expect([number, servable]).toEqual([1, false]);
    expect(await refusal(loadModel('reserve:1', { registry, cache }))).toMatchObject({
      code: 'RW_MODEL_NOT_SERVABLE',
    });
    // There is nothing to keep: it is as a new number.
    expect(await refusal(register({ repositoryName: 'reserve', modelNumber: 1 }))).toMatchObject({
      code: 'RW_OPTION_INVALID',
      where: 'modelInstance',
      what: expect.stringContaining('model 1, which is reserved') as string,
    });
    await register({
      repositoryName: 'reserve',
      modelNumber: 1,
      artifacts: { [join(folder, 'offset.txt')]: 'offset.txt' },
    });
    expect(await answer('reserve:1', { value: 1 })).toEqual({ result: 101 });
  });

  it('a number with an instance points at the new package; one that does not exist is refused', async () => {
    await register({ repositoryName: 'replace', modelInstance: { factor: 2 } });
    await register({ repositoryName: 'replace', modelNumber: 1, modelInstance: { factor: 9 } });
    expect(await answer('replace:1', { value: 1 })).toEqual({ result: 9 });
    for (const modelInstance of [{ factor: 1 }, undefined]) {
      const error = await refusal(register({ repositoryName: 'replace', modelNumber: 2, modelInstance }));
      expect(error.code).toBe('RW_MODEL_NOT_FOUND');
    }
    expect(
      await refusal(register({ repositoryName: 'nowhere', modelNumber: 1, modelInstance: { factor: 1 } })),
    ).toMatchObject({
      code: 'RW_MODEL_NOT_FOUND',
    });
    for (const modelNumber of [0, -1, 1.5, '1', undefined] as never[]) {
      expect(
        await refusal(register({ repositoryName: 'replace', modelNumber, modelInstance: {} })),
      ).toMatchObject({
        code: 'RW_OPTION_INVALID',
        where: 'modelNumber',
      });
    }
  });

  it('compares and sets with expectedDigest', async () => {
    const { digest } = await register({ repositoryName: 'cas', modelInstance: { factor: 1 } });
    const second = await register({
      repositoryName: 'cas',
      modelNumber: 1,
      modelInstance: { factor: 2 },
      expectedDigest: digest,
    });
    const error = await refusal(
      register({
        repositoryName: 'cas',
        modelNumber: 1,
        modelInstance: { factor: 3 },
        expectedDigest: digest,
      }),
    );
    expect(error.code).toBe('RW_MODEL_CONFLICT');
    expect(error.message).toContain(second.digest);
    expect(await answer('cas:1', { value: 1 })).toEqual({ result: 2 });
  });
});

describe('what would not open', () => {
  it('is refused before a number moves: artifacts that collide with those that stay', async () => {
    const offset = join(folder, 'offset.txt');
    const { digest } = await register({
      repositoryName: 'collide',
      modelInstance: { factor: 1 },
      artifacts: { [offset]: 'data' },
    });
    const error = await refusal(
      register({
        repositoryName: 'collide',
        modelNumber: 1,
        artifacts: { [join(folder, 'more/*')]: 'data/*' },
      }),
    );
    expect(error.code).toBe('RW_ARTIFACT_INVALID');
    const [entry] = await listModels({ registry, repositoryName: 'collide' });
    expect(entry?.digest).toBe(digest);
  });

  it('is refused before a number is given: file names out of @Save that another file system mixes up', async () => {
    @Runner('names')
    class Names {
      @Save() async save(names: string[], { directory }: SaveContext) {
        for (const name of names) await writeFile(join(directory, name), name);
        return {};
      }
      @Load() load() {}
      @Predict({ input: Unvalidated, output: Unvalidated }) predict() {}
    }
    const entry = join(folder, 'names.ts');
    await writeFile(
      entry,
      `import { Load, Predict, Runner, Save, Unvalidated } from 'runwright';
       @Runner('names') export class Names {
         @Save() save() { return {}; } @Load() load() {}
         @Predict({ input: Unvalidated, output: Unvalidated }) predict() {} }`,
    );
    for (const names of [['W.bin', 'w.bin'], ['a\\b'], ['line\nbreak']]) {
      const error = await refusal(
        register({ repositoryName: 'names', runner: Names, entry, modelInstance: names }),
      );
      expect(error.code, JSON.stringify(names)).toBe('RW_ARTIFACT_INVALID');
    }
    expect(await listModels({ registry, repositoryName: 'names' })).toEqual([]);
  });
});

describe('a registry that is open already', () => {
  it('takes the organization of each call', async () => {
    const open = openRegistry(registry);
    const options = { registry: open, organizationName: 'elsewhere' };
    const { reference } = await register({
      repositoryName: 'open',
      modelInstance: { factor: 2 },
      ...options,
    });
    expect(reference).toBe('elsewhere/open:1');
    expect(await readModel('open', options)).toMatchObject({ reference });
    expect(await createModel({ repositoryName: 'open', ...options })).toMatchObject({
      organization: 'elsewhere',
      number: 2,
    });
    expect((await listModels({ repositoryName: 'open', ...options })).map(({ number }) => number)).toEqual([
      1, 2,
    ]);
  });
});

describe('a runner made of other models', () => {
  it('loads them by the same call, from the registry', async () => {
    await register({ repositoryName: 'part', modelInstance: { factor: 7 } });
    @Runner('whole')
    class Whole {
      @Load() load() {}
      @Predict({ input: Unvalidated, output: Unvalidated }) predict() {}
    }
    const entry = join(folder, 'whole.ts');
    await writeFile(
      entry,
      `import { Load, Predict, Runner, Unvalidated, loadModel } from 'runwright';
       @Runner('whole') export class Whole {
         @Load() load() { return loadModel('part', ${JSON.stringify({ registry, cache })}); }
         @Predict({ input: Unvalidated, output: Unvalidated }) predict(part, input) { return part.run(input); } }`,
    );
    await register({ repositoryName: 'whole', runner: Whole, entry, modelInstance: 'in another way' });
    expect(await answer('whole', { value: 6 })).toEqual({ result: 42 });
    expect((await readModel('whole', { registry })).manifest.model.format).toBe('external');
  });
});

describe('models', () => {
  it('of the default saver come back, class instances included', async () => {
    const options = { runner: PlainRunner, entry: fixture('plain.runner.ts') };
    await register({ repositoryName: 'plain', ...options, modelInstance: new Counter(40) });
    expect(await answer('plain', 2)).toBe(42);
    const { manifest } = await readModel('plain', { registry });
    expect(manifest.model).toEqual({ format: 'default', props: null });
  });

  it('are not saved for a runner with @Load alone', async () => {
    @Runner('load-alone')
    class LoadAlone {
      @Load() load() {
        return 5;
      }
      @Predict({ input: Unvalidated, output: Unvalidated }) predict(model: number) {
        return model;
      }
    }
    const entry = join(folder, 'load-alone.ts');
    await writeFile(
      entry,
      `import { Load, Predict, Runner, Unvalidated } from 'runwright';
       @Runner('load-alone') export class LoadAlone {
         @Load() load() { return 5; }
         @Predict({ input: Unvalidated, output: Unvalidated }) predict(model: number) { return model; } }`,
    );
    await register({
      repositoryName: 'load-alone',
      runner: LoadAlone,
      entry,
      modelInstance: { ignored: true },
    });
    expect(await answer('load-alone', 0)).toBe(5);
    const pulled = await pullModel('load-alone', { registry, directory: join(folder, 'load-alone-pulled') });
    expect(await readdir(join(pulled.directory, 'model'))).toEqual([]);
  });
});

describe('the registry’s own verbs', () => {
  it('list, read, pull, and alias', async () => {
    const registered = await register({
      repositoryName: 'verbs',
      organizationName: 'acme',
      modelInstance: { factor: 6 },
      artifacts: { [join(folder, 'offset.txt')]: 'offset.txt' },
    });
    expect(registered.reference).toBe('acme/verbs:1');
    const [entry] = await listModels({ registry, organizationName: 'acme' });
    expect(entry).toMatchObject({
      organization: 'acme',
      repository: 'verbs',
      number: 1,
      servable: true,
      aliases: [],
    });
    expect(Date.parse(entry?.registeredAt ?? '')).toBeGreaterThan(0);

    const { manifest, reference } = await readModel('acme/verbs', { registry });
    expect(reference).toBe('acme/verbs:1');
    expect(manifest.runner).toMatchObject({
      name: 'scale',
      export: 'ScaleRunner',
      description: 'a runner for tests',
    });
    expect(manifest.runner.input.schema).toMatchObject({ properties: { value: { type: 'number' } } });

    const directory = join(folder, 'pulled');
    expect(await pullModel('acme/verbs:1', { registry, directory })).toEqual({
      reference,
      digest: registered.digest,
      directory,
    });
    expect(await readFile(join(directory, 'model/factor.txt'), 'utf8')).toBe('6');
    expect(await readFile(join(directory, 'offset.txt'), 'utf8')).toBe('100');
    expect(await refusal(pullModel('acme/verbs:1', { registry, directory: folder }))).toMatchObject({
      code: 'RW_OPTION_INVALID',
    });

    await aliasModel('acme/verbs:1', 'stable', { registry });
    expect(await answer('acme/verbs:stable', { value: 1 })).toEqual({ result: 106 });
    const [aliased] = await listModels({ registry, organizationName: 'acme', repositoryName: 'verbs' });
    expect(aliased?.aliases).toEqual(['stable']);
  });

  it('say what is not there', async () => {
    for (const reference of ['nothing', 'combine:99', 'combine:nope', `combine@sha256:${'0'.repeat(64)}`]) {
      expect(await refusal(readModel(reference, { registry }))).toMatchObject({ code: 'RW_MODEL_NOT_FOUND' });
    }
    expect(await refusal(readModel('Not A Name', { registry }))).toMatchObject({
      code: 'RW_REFERENCE_INVALID',
    });
  });
});

describe('nothing is written when something is wrong', () => {
  const attempt = async (options: Partial<RegisterRunnerOptions>): Promise<RunwrightError> => {
    const error = await refusal(
      register({ repositoryName: 'wrong', modelInstance: { factor: 1 }, ...options }),
    );
    expect(await listModels({ registry, repositoryName: 'wrong' })).toEqual([]);
    expect(await readdir(join(registry, 'default')).catch(() => [])).not.toContain('wrong');
    return error;
  };
  const source = async (name: string, text: string): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, text);
    return file;
  };
  const decorated = (name: string, more = ''): string =>
    `import { Predict, Runner, Unvalidated, registerModel } from 'runwright';
     @Runner('${name}') export class Wrong { @Predict({ input: Unvalidated, output: Unvalidated }) predict() { return 1; } }
     ${more}`;
  @Runner('wrong')
  class Wrong {
    @Predict({ input: Unvalidated, output: Unvalidated }) predict() {
      return 1;
    }
  }

  it('with a name, an entry or an option', async () => {
    expect(await attempt({ repositoryName: 'Wrong Name' })).toMatchObject({
      code: 'RW_OPTION_INVALID',
      where: 'repositoryName',
    });
    expect(await attempt({ organizationName: 'a/b' })).toMatchObject({ code: 'RW_OPTION_INVALID' });
    expect(await attempt({ entry: join(folder, 'missing.ts') })).toMatchObject({ code: 'RW_ENTRY_INVALID' });
    expect(await attempt({ entry: 3 as never })).toMatchObject({ code: 'RW_ENTRY_INVALID' });
    expect(await attempt({ entry: new URL('https://example.com/x.ts') })).toMatchObject({
      code: 'RW_ENTRY_INVALID',
    });
    expect(await attempt({ requirements: ['left-pad@^1.0.0'] })).toMatchObject({
      code: 'RW_REQUIREMENT_INVALID',
    });
    expect(await attempt({ artifacts: { [join(folder, 'offset.txt')]: '../x' } })).toMatchObject({
      code: 'RW_ARTIFACT_INVALID',
    });
  });

  it('with options that TypeScript would have refused', async () => {
    for (const options of [
      { artifact: {} },
      { artifacts: new Map([['a', 'b']]) },
      { artifacts: 5 },
      { requirements: 'sharp' },
      { requirements: [5] },
      { registry: 5 },
      { signal: {} },
      { onProgress: 5 },
    ]) {
      expect(await attempt(options as never), JSON.stringify(options)).toMatchObject({
        code: 'RW_OPTION_INVALID',
      });
    }
    for (const reference of [undefined, null, 5, {}]) {
      expect(await refusal(loadModel(reference as never, { registry }))).toMatchObject({
        code: 'RW_REFERENCE_INVALID',
      });
    }
    expect(await refusal(registerModel(undefined as never))).toMatchObject({ code: 'RW_OPTION_INVALID' });
  });

  it('with the code of the entry', async () => {
    const broken = await source('broken.ts', 'export class {');
    expect(await attempt({ entry: broken })).toMatchObject({ code: 'RW_BUNDLE_FAILED' });
    const unresolved = await source(
      'unresolved.ts',
      decorated('wrong', `import x from 'not-installed'; export const y = x;`),
    );
    const error = await attempt({ runner: Wrong, entry: unresolved });
    expect(error.code).toBe('RW_BUNDLE_FAILED');
    expect(error.message).toContain('not-installed');
    const elsewhere = await source('elsewhere.ts', decorated('another'));
    expect(await attempt({ runner: Wrong, entry: elsewhere })).toMatchObject({ code: 'RW_ENTRY_INVALID' });
    const throws = await source('throws.ts', decorated('wrong', `throw new Error('at import');`));
    expect((await attempt({ runner: Wrong, entry: throws })).message).toContain('at import');
    const exits = await source('exits.ts', decorated('wrong', `process.exit(3);`));
    expect(await attempt({ runner: Wrong, entry: exits })).toMatchObject({
      code: 'RW_PACKAGE_CHECK_FAILED',
      what: 'the packed code could not be loaded in a process of its own: it ended with exit code 3',
    });
  });

  it('with an entry that registers, also when it swallows the refusal', async () => {
    const call = `registerModel({ repositoryName: 'wrong', modelNumber: null, runner: Wrong, entry: 'x', modelInstance: 1 })`;
    for (const more of [
      `void new Promise((resolve) => setTimeout(resolve, 1500)).then(() => ${call});`,
      `await ${call};`,
      `try { void ${call}; } catch {}`,
      `void (async () => ${call})().catch(() => 0);`,
    ]) {
      const entry = await source('registers.ts', decorated('wrong', more));
      expect(await attempt({ runner: Wrong, entry })).toMatchObject({ code: 'RW_ENTRY_REGISTERS' });
    }
  });

  it('with another class under the same name', async () => {
    const other = await source(
      'other.ts',
      `import { Predict, Runner, Unvalidated } from 'runwright';
       @Runner('wrong') export class Wrong { @Predict({ input: Unvalidated, output: Unvalidated }) static other() { return 1; } }`,
    );
    const error = await attempt({ runner: Wrong, entry: other });
    expect(error.code).toBe('RW_PACKAGE_CHECK_FAILED');
    expect(error.message).toContain('its stages');
  });

  it('with the model', async () => {
    expect(
      await attempt({
        modelInstance: { factor: 1, toString: () => 'x' },
        runner: Wrong,
        entry: await source('fine.ts', decorated('wrong')),
      }),
    ).toMatchObject({
      code: 'RW_MODEL_NOT_SERIALIZABLE',
    });
    expect(await attempt({ modelInstance: null })).toMatchObject({ code: 'RW_OPTION_INVALID' });
  });

  it('with the caller’s patience', async () => {
    for (const phase of ['bundle', 'check', 'save', 'pack', 'publish'] as const) {
      const controller = new AbortController();
      const onProgress = (progress: RegisterProgress): void => {
        if (progress.phase === phase) controller.abort('enough');
      };
      expect(await attempt({ signal: controller.signal, onProgress }), phase).toMatchObject({
        code: 'RW_ABORTED',
      });
    }
  });
});

describe('progress', () => {
  it('goes through the phases, with bytes that add up', async () => {
    const seen: RegisterProgress[] = [];
    await register({
      repositoryName: 'progress',
      modelInstance: { factor: 12 },
      onProgress: (progress) => seen.push(progress),
    });
    const phases = seen.map(({ phase }) => phase).filter((phase, at, all) => phase !== all[at - 1]);
    expect(phases).toEqual(['bundle', 'check', 'save', 'pack', 'publish']);
    const packed = seen.filter(({ phase }) => phase === 'pack');
    expect(packed.at(-1)).toEqual({ phase: 'pack', bytes: 2, total: 2 });
  });
});

describe.each(['inline', 'thread', 'process'] as const)('a model loaded %s', (execution) => {
  it('knows which model it is, and is warm before it is ready', async () => {
    const { reference, organization, repository, number, digest } = await register({
      repositoryName: `warm-${execution}`,
      modelInstance: { factor: 3 },
    });
    const load = (warmUp: unknown[]) => loadModel(reference, { registry, cache, execution, warmUp });
    const handle = await load([{ value: 1 }, { value: 2 }]);
    expect(handle.model).toEqual({ organization, repository, number, digest });
    expect(handle.state).toBe('ready');
    await handle.close();
    expect(await refusal(load([{ value: 1 }, { value: 'two' }]))).toMatchObject({
      code: 'RW_OPTION_INVALID',
      where: 'ScaleRunner, option `warmUp`',
    });
  });
});
