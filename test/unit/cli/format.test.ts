import { expect, it } from 'vitest';
import { formatBytes } from '../../../src/cli/formatBytes';
import { formatTable } from '../../../src/cli/formatTable';

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [999_949, '999.9 kB'],
  [999_950, '1.0 MB'],
  [1_500_000_000, '1.5 GB'],
  [2e15, '2000.0 TB'],
])('%i bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it('columns are aligned, and no line ends with spaces', () => {
  expect(
    formatTable([
      ['a', 'bb', ''],
      ['ccc', 'd', 'e'],
    ]),
  ).toBe('a    bb\nccc  d   e');
  expect(formatTable([])).toBe('');
});
