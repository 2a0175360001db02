import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { Terminal, type TerminalFlags } from '../../../src/cli/Terminal';
import { drawPhases, withProgress } from '../../../src/cli/withProgress';

const FLAGS: TerminalFlags = { json: false, quiet: false, verbose: false };

const drawn = async (isTTY: boolean, flags: Partial<TerminalFlags> = {}): Promise<string> => {
  const stream = Object.assign(new PassThrough(), {
    isTTY,
    columns: 80,
    cursorTo: () => true,
    clearLine: () => true,
    moveCursor: () => true,
  });
  const tty = stream as unknown as NodeJS.WriteStream;
  await withProgress(new Terminal(tty, tty, { ...FLAGS, ...flags }), async (progress) => {
    const onProgress = drawPhases(progress);
    onProgress({ phase: 'bundle' });
    onProgress({ phase: 'pack', bytes: 5, total: 10 });
    // The bar draws some ten times in a second.
    await new Promise((resolve) => setTimeout(resolve, 200));
  });
  stream.end();
  return (await stream.toArray()).join('');
};

it('a bar is drawn on a terminal, with the share of all phases', async () => {
  expect(await drawn(true)).toMatch(/70% .*pack/);
});

it.each([
  ['without a terminal', false, {}],
  ['with --quiet', true, { quiet: true }],
  ['with --json', true, { json: true }],
])('nothing is drawn %s', async (_, isTTY, flags) => {
  expect(await drawn(isTTY, flags)).toBe('');
});
