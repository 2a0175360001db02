import { describe, expect, it } from 'vitest';
import type { TensorRecord } from '../../../../src/models/tensor/TensorModel';
import { checkParity } from '../../../../src/registrar/torch/checkParity';
import type { Tolerance } from '../../../../src/registrar/torch/Tolerance';
import { makeTensor } from '../../../../src/schema/makeTensor';

const floats = (...values: number[]) => makeTensor('float32', Float32Array.from(values), [values.length]);
const CASES = [
  { description: 'case A', inputs: {} },
  { description: 'case B', inputs: {} },
];

/** Runs that give one answer a case. */
const giver = (answers: readonly TensorRecord[]) => {
  let at = 0;
  return () => Promise.resolve(answers[at++] ?? {});
};

const compare = (
  originals: readonly TensorRecord[],
  exports: readonly TensorRecord[],
  tolerance: Tolerance = {},
) =>
  checkParity(CASES.slice(0, originals.length), giver(originals), giver(exports), {
    tolerance,
    where: 'm.pt',
  });

const outputs = (...values: number[]) => [{ y: floats(...values) }];

describe('checkParity', () => {
  it('tells the largest differences', async () => {
    const [report] = await compare(outputs(1, 2, 0), outputs(1, 2 + 2 ** -20, 0));
    expect(report).toMatchObject({ name: 'y', elements: 3, maxAbsolute: 2 ** -20, maxRelative: 2 ** -21 });
    expect(report?.atol).toBeCloseTo(2e-5);
  });

  it('scales the default tolerance with the output, both ways', async () => {
    await expect(compare(outputs(1000, 0), outputs(1000.001, 0.009))).resolves.toHaveLength(1);
    await expect(compare(outputs(1e-3, 0), outputs(1e-3, 1e-7))).rejects.toMatchObject({
      code: 'RW_PARITY_FAILED',
    });
  });

  it('does not let a mask that both have widen what is allowed', async () => {
    await expect(compare(outputs(-1e9, 1, 2), outputs(-1e9, 1, 2.1))).rejects.toThrow(/element 2 of y/);
    const [report] = await compare(outputs(-1e9, 1, 2), outputs(-1e9, 1, 2 + 2 ** -20));
    expect(report?.atol).toBeCloseTo(2e-5);
  });

  it('judges early cases as late ones', async () => {
    const originals = [{ y: floats(1, 0) }, { y: floats(1000, 0) }];
    const exported = [{ y: floats(1, 0.005) }, { y: floats(1000.01, 0) }];
    await expect(compare(originals, exported)).resolves.toHaveLength(1);
    await expect(compare([...originals].reverse(), [...exported].reverse())).resolves.toHaveLength(1);
  });

  it.each([
    ['both NaN', [NaN], [NaN], true],
    ['equal infinities', [Infinity, -Infinity], [Infinity, -Infinity], true],
    ['zeros of both signs', [0], [-0], true],
    ['NaN beside a number', [NaN], [1], false],
    ['a number beside NaN', [1], [NaN], false],
    ['opposite infinities', [Infinity], [-Infinity], false],
    ['an infinity beside a number', [1], [Infinity], false],
  ])('%s: %o, %o', async (_, original, exported, equal) => {
    const work = compare(outputs(...original), outputs(...exported));
    if (equal) await expect(work).resolves.toHaveLength(1);
    else await expect(work).rejects.toMatchObject({ code: 'RW_PARITY_FAILED' });
  });

  it('shows the worst of all cases, which is the farthest beyond what is relative', async () => {
    const originals = [{ y: floats(1, 100) }, { y: floats(1, 100) }];
    const exported = [{ y: floats(1, 101) }, { y: floats(1.5, 100) }];
    await expect(compare(originals, exported, { atol: 0, rtol: 1e-3 })).rejects.toThrow(
      /2 of 2 cases differ\. The worst is element 1 of y, for case A: torch gives 100, the export 101, a difference of 1 where 0\.1 is allowed/,
    );
    await expect(compare(outputs(1, 2), outputs(NaN, 9))).rejects.toThrow(/element 0 of y/);
  });

  it('takes the tolerance that is given as it is', async () => {
    await expect(compare(outputs(1000), outputs(1001), { atol: 1, rtol: 0 })).resolves.toHaveLength(1);
    await expect(compare(outputs(1000), outputs(1001), { atol: 0.9, rtol: 0 })).rejects.toThrow();
  });

  it('holds whole numbers to be equal', async () => {
    const whole = (...values: bigint[]) => ({
      y: makeTensor('int64', BigInt64Array.from(values), [values.length]),
    });
    await expect(compare([whole(7n)], [whole(7n)])).resolves.toHaveLength(1);
    await expect(compare([whole(1_000_000n)], [whole(1_000_001n)])).rejects.toThrow(/element 0/);
    // A number does not tell these apart.
    await expect(compare([whole(2n ** 53n)], [whole(2n ** 53n + 1n)])).rejects.toThrow(/element 0/);
    await expect(compare([whole(7n)], [whole(8n)], { atol: 1 })).resolves.toHaveLength(1);
  });

  it('widens halves', async () => {
    const half = (bits: number) => ({ y: makeTensor('float16', Uint16Array.of(bits), [1]) });
    // 1 and the half after it.
    await expect(compare([half(0x3c00)], [half(0x3c01)])).rejects.toThrow(
      /torch gives 1, the export 1\.0009765625/,
    );
  });

  it.each([
    ['another name', { z: floats(1) }],
    ['another shape', { y: floats(1, 2) }],
    ['another type', { y: makeTensor('float64', Float64Array.of(1), [1]) }],
    ['nothing', {}],
  ])('refuses %s', async (_, other) => {
    await expect(compare(outputs(1), [other])).rejects.toMatchObject({
      code: 'RW_PARITY_FAILED',
      message: expect.stringContaining('for case A the original gives y float32 [1]') as string,
    });
  });
});
