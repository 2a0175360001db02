import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readStage } from '../../../../src/metadata/stageMetadata';
import { bundleEntry } from '../../../../src/packer/bundle/bundleEntry';
import { open } from '../fixtures/open';
import { project } from '../fixtures/project';

type Class = new () => Record<string, unknown>;

const runner = `
  import 'reflect-metadata';
  import { IsNumber } from 'class-validator';
  import { Predict, Runner } from 'runwright';
  import { Species } from './species';
  export class Input { @IsNumber() width!: number; plain!: string; }
  abstract class Base { constructor(protected readonly scale = 2) {} abstract name(): string; }
  @Runner({ name: 'iris' })
  export class IrisRunner extends Base {
    offset = 1;
    name() { return 'iris'; }
    @Predict() predict(model: number, input: Input): Species { return input.width * this.scale + this.offset > model ? Species.Large : Species.Small; }
  }
`;
const species = `export enum Species { Small = 'small', Large = 'large' }`;

describe('bundleEntry', () => {
  it('compiles decorators, emitted types, enums and abstract classes, whatever the tsconfig says', async () => {
    const directory = project({ 'iris.ts': runner, 'species.ts': species });
    const { IrisRunner, Input } = await open<{ IrisRunner: Class; Input: Class }>({
      entry: join(directory, 'iris.ts'),
    });

    expect(readStage(IrisRunner, 'predict')).toMatchObject([
      { member: 'predict', static: false, kind: 'method' },
    ]);
    expect(Reflect.getMetadata('design:paramtypes', IrisRunner.prototype as object, 'predict')).toEqual([
      Number,
      Input,
    ]);
    const instance = new IrisRunner() as unknown as { predict(model: number, input: object): string };
    expect(instance.predict(10, { width: 5 })).toBe('large');
    expect(instance.predict(11, { width: 5 })).toBe('small');
  });

  it('makes no own properties of fields without a value, which forbidNonWhitelisted would refuse', async () => {
    const directory = project({ 'iris.ts': runner, 'species.ts': species });
    const { Input } = await open<{ Input: Class }>({ entry: join(directory, 'iris.ts') });

    expect(Object.keys(new Input())).toEqual([]);
    const strict = { whitelist: true, forbidNonWhitelisted: true };
    expect(validateSync(plainToInstance(Input, { width: 1 }), strict)).toEqual([]);
    expect(validateSync(plainToInstance(Input, { width: 'x' }), strict)).toHaveLength(1);
  });

  it('compiles decorators in JavaScript too', async () => {
    const directory = project({
      'a.js': `import { Predict, Runner } from 'runwright'; @Runner('js') export class R { @Predict() predict(model) { return model; } }`,
    });
    const { R } = await open<{ R: Class }>({ entry: join(directory, 'a.js') });
    expect(readStage(R, 'predict')).toHaveLength(1);
  });

  it('keeps the meaning of class fields in JavaScript', async () => {
    const directory = project({ 'index.js': 'export class Plain { a; b = 1; }' });
    const { Plain } = await open<{ Plain: Class }>({ entry: join(directory, 'index.js') });
    expect(Object.keys(new Plain())).toEqual(['a', 'b']);
  });

  it('keeps the names of classes that are called the same in two files', async () => {
    const directory = project({
      'a.ts': `import { Input as Other } from './b'; export class Input {} export { Other };`,
      'b.ts': 'export class Input {} export default class {}',
    });
    const { Input, Other } = await open<{ Input: Class; Other: Class }>({ entry: join(directory, 'a.ts') });
    expect([Input.name, Other.name]).toEqual(['Input', 'Input']);
    expect(Input).not.toBe(Other);
  });

  it('bundles pure JavaScript packages, JSON, text and dynamic imports into one module', async () => {
    const directory = project({
      'package.json': { name: 'app', type: 'module' },
      'entry.ts': `
        import add from 'add'; import { twice } from 'twice/double'; import labels from './labels.json'; import text from './note.txt';
        export const result = [add(1, 2), twice(4), labels, text];
        export const later = async () => (await import('./later.js')).value;`,
      'later.ts': `export const value = 'later';`,
      'labels.json': ['a', 'b'],
      'note.txt': 'note',
      'node_modules/add/package.json': { name: 'add', version: '1.0.0' },
      'node_modules/add/index.js': `const { sep } = require('path'); module.exports = (a, b) => sep && a + b;`,
      'node_modules/twice/package.json': {
        name: 'twice',
        version: '1.0.0',
        type: 'module',
        exports: { './double': './d.js' },
      },
      'node_modules/twice/d.js': 'export const twice = (x) => 2 * x;',
    });
    const { result, later } = await open<{ result: unknown; later: () => unknown }>({
      entry: join(directory, 'entry.ts'),
    });
    expect(result).toEqual([3, 8, ['a', 'b'], 'note']);
    expect(await later()).toBe('later');
  });

  it('takes a CommonJS entry, whichever way it exports', async () => {
    const directory = project({
      'a.cjs': 'class A {} module.exports = { A };',
      'b.js': 'exports.B = class B {};',
      'c.ts': 'class C {} export = { C };',
      'd.cts': 'import fs = require("fs"); export class D { static exists = fs.existsSync; }',
      'e.cjs': 'module.exports = class E {};',
    });
    const names = async (entry: string) => {
      const exported = await open<Record<string, Class>>({ entry: join(directory, entry) });
      return Object.entries(exported).map(([key, value]) => [key, value.name]);
    };
    expect(await names('a.cjs')).toContainEqual(['A', 'A']);
    expect(await names('b.js')).toContainEqual(['B', 'B']);
    expect(await names('c.ts')).toContainEqual(['C', 'C']);
    expect(await names('d.cts')).toContainEqual(['D', 'D']);
    expect(await names('e.cjs')).toEqual([['default', 'E']]);
  });

  it('never runs what is behind a check for the main module', async () => {
    const directory = project({
      'a.ts': `
        import { pathToFileURL, fileURLToPath } from 'node:url';
        export const ran: string[] = [];
        if (require.main === module) ran.push('a');
        if (module === require.main) ran.push('b');
        if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) ran.push('c');
        if (process.argv[1] === fileURLToPath(import.meta.url)) ran.push('d');
        if (require.main !== module) ran.push('imported');`,
      'b.js': 'exports.ran = []; if (require.main === module) exports.ran.push("a");',
    });
    expect((await bundleEntry({ entry: join(directory, 'a.ts') })).warnings).toEqual([]);
    expect(await open({ entry: join(directory, 'a.ts') })).toMatchObject({ ran: ['imported'] });
    expect(await open({ entry: join(directory, 'b.js') })).toMatchObject({ ran: [] });
  });

  it('bundles two entries at once without mixing them', async () => {
    const native = (version: string) => ({ name: 'nat', version, gypfile: true });
    const one = project({
      'a.ts': `import 'nat'; export const one = 1;`,
      'node_modules/nat/package.json': native('1.0.0'),
      'node_modules/nat/index.js': '',
    });
    const two = project({
      'a.ts': `import 'nat'; export const two = 2;`,
      'node_modules/nat/package.json': native('2.0.0'),
      'node_modules/nat/index.js': '',
    });
    const [first, second] = await Promise.all([
      bundleEntry({ entry: join(one, 'a.ts') }),
      bundleEntry({ entry: join(two, 'a.ts') }),
    ]);
    expect(first.natives).toEqual([{ name: 'nat', version: '1.0.0' }]);
    expect(second.natives).toEqual([{ name: 'nat', version: '2.0.0' }]);
    expect(first.code.toString()).toContain('one');
    expect(first.code.toString()).not.toContain('two');
  });
});
