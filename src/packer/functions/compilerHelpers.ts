const drive =
  'async (self, args, body) => { const work = body.apply(self, args); let step = work.next(); while (!step.done) { let value; try { value = await step.value; } catch (error) { step = work.throw(error); continue; } step = work.next(value); } return step.value; }';
const rest =
  '(source, names) => { const others = { ...source }; for (const name of names) delete others[name]; return others; }';

/**
 * Functions that compilers put into the module and call from its functions, by name, as expressions: those of esbuild and tsx
 * (`__name` with kept names), and of tsc with a target of ES2015 or ES2017.
 */
export const COMPILER_HELPERS: ReadonlyMap<string, string> = new Map([
  ['__name', '(target, value) => Object.defineProperty(target, "name", { value, configurable: true })'],
  ['__async', drive],
  ['__awaiter', `(self, args, _, body) => (${drive})(self, args, body)`],
  ['__rest', rest],
  ['__objRest', rest],
  [
    '__spreadValues',
    '(target, source) => Object.defineProperties(target, Object.getOwnPropertyDescriptors({ ...source }))',
  ],
  [
    '__spreadProps',
    '(target, source) => Object.defineProperties(target, Object.getOwnPropertyDescriptors(source))',
  ],
  [
    '__publicField',
    '(target, key, value) => { Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true }); return value; }',
  ],
  ['__pow', 'Math.pow'],
]);

/** Of these the first argument is the `this`, and the last a generator that runs with it. */
export const ASYNC_HELPERS: ReadonlySet<string> = new Set(['__async', '__awaiter']);
