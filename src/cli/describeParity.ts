import type { ParityReport } from '../models/tensor/ParityReport';

/** A parity report for people, one line in all and one for each output. */
export function describeParity({
  runtimes,
  opset,
  cases,
  batchSizes,
  rtol,
  outputs,
}: ParityReport): string[] {
  const versions = Object.entries(runtimes).map(([name, version]) => `${name} ${version}`);
  const batches = batchSizes.length === 0 ? '' : `, batches of ${batchSizes.join(' and ')}`;
  return [
    `equal within the tolerance: ${versions.join(' and ')}, opset ${opset}, ${cases} inputs${batches}`,
    ...outputs.map(
      ({ name, elements, atol, maxAbsolute, maxRelative }) =>
        `${name}: ${elements} elements, at most ${short(maxAbsolute)} apart (relative ${short(maxRelative)}), ${short(atol)} + ${short(rtol)} * |value| allowed`,
    ),
  ];
}

const short = (value: number): string => String(Number(value.toPrecision(3)));
