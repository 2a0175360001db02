import { RunwrightError } from '../../src/errors/RunwrightError';
import { ValidationError } from '../../src/errors/ValidationError';

const circle: Record<string, unknown> = {};
circle['self'] = circle;

const refuse = (): never => {
  throw new Error('not to be looked at');
};
const withGetter = (name: string): Error => Object.defineProperty(new Error('x'), name, { get: refuse });
const withParts = (parts: object): Error => Object.assign(new TypeError('x'), parts);
const ours = (): RunwrightError => new RunwrightError('RW_IO', { what: 'w', where: 'there', hint: 'h' });

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable(new Error('x'), {});
  revoke();
  return proxy;
}

function knot(): Error {
  const [one, other] = [new Error('one'), new Error('other', { cause: circle })];
  one.cause = other;
  other.cause = one;
  return one;
}

/** What the code of runners and callers can throw, each with a word for the test. */
export const oddErrors: readonly (readonly [string, () => unknown])[] = [
  ['a bigint as message', () => withParts({ message: 10n })],
  ['a circle as message', () => withParts({ message: circle })],
  ['a symbol as message', () => withParts({ message: Symbol('s') })],
  ['no prototype in its message', () => withParts({ message: Object.create(null) as unknown })],
  ['a function as name', () => withParts({ name: refuse })],
  ['a circle as name', () => withParts({ name: circle })],
  ['a circle as stack', () => withParts({ stack: circle })],
  ['a bigint as cause', () => withParts({ cause: 1n })],
  ...['message', 'name', 'stack', 'cause', 'toJSON'].map(
    (name) => [`a ${name} that throws`, () => withGetter(name)] as const,
  ),
  ['itself far below as cause', knot],
  ['nothing that can be read', () => new Proxy(new Error('x'), { get: refuse })],
  ['no type', () => new Proxy(new Error('x'), { getPrototypeOf: refuse, has: refuse })],
  ['been revoked', revoked],
  ['parts of ours that are odd', () => Object.assign(ours(), { what: circle, where: 7n, hint: Symbol('h') })],
  ['a code that throws', () => Object.defineProperty(ours(), 'code', { get: refuse })],
  ['a code that is odd', () => Object.assign(ours(), { code: 10n })],
  [
    'issues that are odd',
    () =>
      Object.assign(new ValidationError('input', [], 'Odd'), {
        issues: [{ message: 10n, path: circle }, null],
      }),
  ],
  ['issues that are no list', () => Object.assign(new ValidationError('input', []), { issues: 10n })],
  ['faults that are odd', () => Object.assign(ours(), { faults: [10n, { what: circle }] })],
  ['not been thrown as an error', () => circle],
  ['been a bigint', () => 10n],
  ['been null', () => null],
];
