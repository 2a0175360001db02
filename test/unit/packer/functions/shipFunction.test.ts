import * as fc from 'fast-check';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { RunwrightError } from '../../../../src/errors/RunwrightError';
import { shipFunction } from '../../../../src/packer/functions/shipFunction';
import { evaluate } from './evaluate';

type Numbers = readonly number[];
type Numeric = (values: Numbers) => unknown;

const key = 'computed';
const mean = 0.5;
const untyped = (text: string): unknown => (0, eval)(`(${text})`);

class Holder {
  #scale = 2;
  static double(values: Numbers): unknown {
    return values.map((value) => value * 2);
  }
  async *items(values: Numbers): AsyncGenerator<number> {
    yield* await Promise.resolve(values);
  }
  plain(values: Numbers): unknown {
    return [...values].reverse();
  }
  scaled(values: Numbers): unknown {
    return values.map((value) => value * this.#scale);
  }
  hidden(): Numeric {
    return this.#reversed;
  }
  inner(): () => unknown {
    return () => this;
  }
  #reversed(values: Numbers): unknown {
    return [...values].reverse();
  }
}
class Derived extends Holder {
  override plain(values: Numbers): unknown {
    return super.plain(values);
  }
}
const object = {
  method(values: Numbers): unknown {
    return values.length;
  },
  async [key](values: Numbers): Promise<unknown> {
    return Promise.resolve(values.length);
  },
  'not an identifier'(values: Numbers): unknown {
    return values[0];
  },
  get member(): number {
    return 1;
  },
  arrow: (): unknown => untyped('() => 1'),
};
const getter = Object.getOwnPropertyDescriptor(object, 'member')?.get;

const alone: readonly (readonly [string, Numeric])[] = [
  ['an arrow', (values) => values.map((value) => value / 255)],
  ['an arrow that gives an object', (values) => ({ values, n: values.length })],
  [
    'a function',
    function (values) {
      return values.length;
    },
  ],
  [
    'recursion by its own name',
    function sum([first, ...rest]: Numbers): number {
      return first === undefined ? 0 : first + sum(rest);
    },
  ],
  ['async', async (values) => Promise.resolve(values[0])],
  [
    'defaults and destructuring',
    ([a = 1, , b = a, ...rest], { c = b, ...others } = { c: 2, d: 3 } as { c?: number; d?: number }) => [
      a,
      b,
      c,
      rest,
      others,
    ],
  ],
  [
    'nested functions and own variables',
    (values) => {
      let total = 0;
      const add = (value: number) => void (total += value);
      function each(list: Numbers) {
        for (const value of list) add(value);
      }
      each(values);
      return total;
    },
  ],
  [
    'a class inside, with this, super, private names and static blocks',
    (values) => {
      class Base {
        count = values.length;
        has() {
          return this.count > 0;
        }
      }
      class Sub extends Base {
        static made = 0;
        #own = 1;
        constructor() {
          super();
          if (new.target !== Sub) throw new TypeError();
        }
        static {
          this.made = 1;
        }
        override has() {
          return super.has() && this.#own + Sub.made === 2;
        }
      }
      return new Sub().has();
    },
  ],
  [
    'labels',
    (values) => {
      let found = -1;
      outer: for (const a of values) {
        for (const b of values) {
          if (b > a) continue outer;
          if (a + b > 100) break outer;
        }
        found = a;
      }
      return found;
    },
  ],
  [
    'globals',
    (values) => [Math.max(...values), Buffer.from([1]).toString('hex'), new URL('a:b').href, typeof process],
  ],
  [
    'its own arguments',
    function () {
      // eslint-disable-next-line prefer-rest-params
      return [arguments.length, new.target];
    },
  ],
  ['a template', (values) => `${values.length} \u2028 \\ \` ' " </script> 💡`],
  ['a generator inside', (values) => [...(function* () { yield* values; })()]], // prettier-ignore
  [
    'the import of a built-in module',
    async (values) => (await import('node:path')).join('a', String(values[0])),
  ],
  ['a method', object.method],
  ['a method with a computed name', object[key]],
  ['a method whose name is no identifier', object['not an identifier']],
  ['a method of a class', new Holder().plain],
  ['a static method', Holder.double],
  ['a private method', new Holder().hidden()],
];

const emitted: readonly (readonly [string, string, unknown])[] = [
  ['kept names of esbuild', '(v) => { const f = __name(() => v, "kept"); return [f.name, f()]; }', ['kept', [3, 4]]],
  ['async of esbuild', '(v) => __async(null, null, function* () { const w = yield Promise.resolve(v); try { yield Promise.reject(w); } catch (e) { return [e, w]; } })', [[3, 4], [3, 4]]],
  ['async of esbuild in a function', 'function (v) { return __async(this, arguments, function* (w) { return yield w; }); }', [3, 4]],
  ['objects of esbuild', '(v) => { const _a = { v, a: 1 }, { a } = _a, r = __objRest(_a, ["a"]); return __spreadProps(__spreadValues({ a }, r), { b: __pow(2, 3) }); }', { a: 1, v: [3, 4], b: 8 }],
  ['fields of esbuild', '(v) => { class Q { constructor() { __publicField(this, "v", v); } } return { ...new Q() }; }', { v: [3, 4] }],
  ['an import that CommonJS requires', 'async (v) => (await Promise.resolve().then(() => __importStar(require("node:path")))).posix.join("a", String(v[0]))', 'a/3'],
  ['such an import by swc', 'async () => (await Promise.resolve().then(function () { return _interop_require_wildcard(require("node:path")); })).posix.sep', '/'],
]; // prettier-ignore

describe('a shipped function', () => {
  it.each(alone)('gives what the original gives: %s', async (_, original) => {
    const expression = await shipFunction(original, 'preprocess');
    const shipped = await evaluate<Numeric>(expression);
    expect(shipped).toBeTypeOf('function');
    if (original.name !== '' && shipped.name !== '') expect(shipped.name).toBe(original.name);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 200 })), async (values) => {
        expect(await shipped(values)).toEqual(await original(values));
      }),
      { numRuns: 20 },
    );
  });

  it.each(emitted)('has what its compiler took from the module: %s', async (_, text, expected) => {
    const shipped = await evaluate<Numeric>(await shipFunction(untyped(text), 'preprocess'));
    expect(await shipped([3, 4])).toEqual(expected);
  });

  it.each(['__proto__', 'constructor', 'get', 'static', 'async', 'function', 'a"b', '#x', ''])(
    'keeps the name of a method: %s',
    async (name) => {
      const holder = { [name](x: number) { return x; } }; // prettier-ignore
      const method = Object.getOwnPropertyDescriptor(holder, name)?.value as Numeric;
      for (const original of [
        method,
        untyped(`{ async /* ( */ ${JSON.stringify(name)} // (\n (x) { return x; } }`),
      ]) {
        const value =
          typeof original === 'function' ? original : (Object.values(original as object)[0] as Numeric);
        const shipped = await evaluate<(x: number) => unknown>(await shipFunction(value, 'preprocess'));
        expect(await shipped(4)).toBe(4);
        expect(shipped.name).toBe(name === '' ? 'preprocess' : name);
      }
    },
  );

  it('ships what was shipped', async () => {
    const once = await shipFunction((value: number) => value + 1, 'postprocess');
    expect(await shipFunction(await evaluate(once), 'postprocess')).toBe(once);
  });
});

describe('a function that does not stand alone', () => {
  const refusal = async (value: unknown): Promise<RunwrightError> => {
    const error: unknown = await shipFunction(value, 'preprocess').then(
      (text) => expect.unreachable(`it was shipped: ${text}`),
      (reason: unknown) => reason,
    );
    if (!RunwrightError.is(error)) throw error;
    return error;
  };

  it.each<readonly [string, unknown, RegExp]>([
    ['a variable', (x: number) => x - mean, /`mean` is used, which is defined outside.*line 1 of the function/],
    ['a member of a variable', () => object.member, /`object\.member` is used, which is defined outside/],
    ['an import', (x: string) => join(x, 'a'), /`__vi\w+__\.join` is used, which looks like an import.*await import/],
    ['an import of tsc', untyped('(x) => (0, node_path_1.join)(x)'), /`node_path_1\.join` .*looks like an import/],
    ['an import of esbuild', untyped('(x) => (0, import_node_path.join)(x)'), /`import_node_path\.join` .*looks like an import/],
    ['an export of CommonJS', untyped('(x) => (0, exports.helper)(x)'), /`exports\.helper` is used, which is an export/],
    ['a global of the test runner', untyped('() => expect(1)'), /`expect` is used/],
    ['what only a browser has', untyped('() => document.title'), /`document\.title` is used/],
    ['an assignment', untyped('() => { total = 1; }'), /`total` is assigned, which is declared outside of the function, or nowhere/],
    ['the name of the variable that holds an arrow', untyped('(() => { const f = (n) => n && f(n - 1); return f; })()'), /"f".*`f` is used/],
    ['this of an arrow', new Holder().inner(), /`this` is used/],
    ['this of a method', new Holder().scaled, /`this`[^]*`#scale` is used, which is private/],
    ['this of a function', function (this: unknown) { return this; }, /`this` is used/], // prettier-ignore
    ['this in a default value', untyped('function (a = this) {}'), /`this` is used/],
    ['this in an arrow inside', untyped('function () { return () => this; }'), /`this` is used/],
    ['this in the heritage of a class', untyped('() => class extends this.Base { [this.key]() {} }'), /`this` is used/],
    ['this that esbuild hands on', untyped('function () { return __async(this, null, function* () { return this.a; }); }'), /`this` is used/],
    ['super', new Derived().plain, /`super` is used/],
    ['new.target of what is around an arrow', untyped('(function () { return () => new.target; })()'), /`new\.target` is used/],
    ['arguments of what is around an arrow', untyped('(function () { return () => arguments; })()'), /`arguments` is used, which are those of the function around it/],
    ['eval', untyped('(x) => eval(x)'), /`eval` is used/],
    ['require', untyped('(x) => require("x")(x)'), /`require` is used.*await import\('name'\)/],
    ['module', untyped('() => module.id'), /`module\.id`|`module`/],
    ['__filename', untyped('() => __filename'), /`__filename` is used, and the function leaves its module/],
    ['import.meta', untyped('() => __vite_ssr_import_meta__.url'), /`__vite_ssr_import_meta__\.url` is `import\.meta`/],
    ['a computed import', (name: string) => import(name), /an `import\(\)` of a computed name/],
    ['a computed import of Node', untyped('(name) => import(`${name}`)'), /there is an `import\(\)` of a computed name/],
    ['a relative import', untyped('() => import("./near.js")'), /`import\('\.\/near\.js'\)`.*by its name/],
    ['an import of a URL', untyped('() => import("file:///a.js")'), /by its name/],
    ['a package whose name Vite has replaced', () => import('semver'), /a path that Vite has put in place of a package's name/],
    ['a helper of the compiler', untyped('(x) => __asyncValues(x)'), /`__asyncValues` .*"target" to ES2022/],
    ['a helper of tslib', untyped('(x) => tslib_1.__rest(x, [])'), /`tslib_1\.__rest` .*"target" to ES2022/],
    ['a coverage counter', untyped('(x) => { cov_1a2b3c().f[0]++; return x; }'), /`cov_1a2b3c` .*coverage/],
    ['a bound function', object.method.bind(object), /"bound method".*cannot be read: it is bound/],
    ['a native function', Math.max, /"max".*cannot be read: it is native/],
    ['a Proxy', new Proxy(() => 1, {}), /cannot be read: it is native, or a Proxy/],
    ['a class', Holder, /is a class/],
    ['a generator', new Holder().items, /is a generator/],
    ['a generator function', untyped('function* () {}'), /is a generator/],
    ['a getter', getter, /is the getter of a property/],
    ['a function with properties', Object.assign(() => 1, { cache: 1 }), /properties of its own \(cache\)/],
    ['a mock', vi.fn(() => 1), /properties of its own/],
    ['with', untyped('function (x) {\n with (x) {\n return 1; } }'), /strict.*with.*line 2/],
    ['an octal number', untyped('function () { return 017; }'), /strict.*octal/],
    ['a name that is reserved', untyped('(await) => await'), /strict.*await/],
    ['arguments.callee', untyped('function () { return arguments.callee; }'), /`arguments\.callee` .*sloppy/],
    ['no function', 'text', /a function is needed, and this is of type string.*leave "preprocess" out/],
    ['null', null, /this is null/],
  ])('is refused by name: %s', async (_, value, message) => {
    const { code, where, message: text } = await refusal(value);
    expect([code, where]).toEqual(['RW_FUNCTION_INVALID', expect.stringMatching(/^preprocess/)]);
    expect(text).toMatch(message);
  }); // prettier-ignore

  it('is told of everything at once, each with its lines, and of both ways out', async () => {
    const { message } = await refusal(
      untyped('(x) => {\n  const y = "💡" + x - mean;\n  lib_1.go(this);\n  return y - mean + 017;\n}'),
    );
    expect(message.split('\n')).toEqual([
      'preprocess: the function cannot be shipped by its source, for 4 reasons:',
      '  - `mean` is used, which is defined outside of the function (line 2, 4 of the function).',
      expect.stringMatching(/^ {2}- `lib_1\.go` .* \(line 3 of the function\)\.$/),
      expect.stringMatching(/^ {2}- `this` .* \(line 3 of the function\)\.$/),
      expect.stringMatching(/^ {2}- .*octal.* \(line 4 of the function\)\.$/),
      expect.stringMatching(/await import\('name'\).*give that as `entry`\.$/),
    ]);
  });

  it('may not read the place of its module', async () => {
    const { message } = await refusal(await evaluate('() => import.meta.url'));
    expect(message).toMatch(/`import\.meta` is used, and the function leaves its module/);
  });

  it('is found by any name', async () => {
    const names = fc.stringMatching(/^[a-z][a-zA-Z]{6,12}$/).filter((name) => !(name in globalThis));
    await fc.assert(
      fc.asyncProperty(names, async (name) => {
        const { message } = await refusal(
          untyped(`function (own) { { let inner = own; } return [${name}, own]; }`),
        );
        expect(message).toContain(`\`${name}\` is used`);
        const own = untyped(`function (${name}) { { let inner = ${name}; } return [${name}]; }`);
        expect(await shipFunction(own, 'preprocess')).toContain(name);
      }),
      { numRuns: 30 },
    );
  });
});
