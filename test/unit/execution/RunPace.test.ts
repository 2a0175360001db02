import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { RunPace } from '../../../src/execution/worker/RunPace';

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

function pace(): { runs: RunPace; said: boolean[] } {
  const said: boolean[] = [];
  return { runs: new RunPace((blocks) => void said.push(blocks)), said };
}

it('says once that short runs do not block, and again when long ones do', async () => {
  const { runs, said } = pace();
  for (let run = 0; run < 20; run += 1) {
    await sleep(0);
    runs.begin();
    runs.end();
  }
  expect(said).toEqual([false]);
  for (let run = 0; run < 3; run += 1) {
    await sleep(0);
    runs.begin();
    block(30);
    runs.end();
  }
  expect(said).toEqual([false, true]);
});

it('takes a run that waits for something else for one that does not block, before it has ended', async () => {
  const { runs, said } = pace();
  runs.begin();
  // Its first part may well be work.
  block(30);
  await vi.waitUntil(() => said.length > 0, { timeout: 10_000 });
  expect(said).toEqual([false]);
  runs.end();
  expect(said).toEqual([false]);
});

it('does not judge by what has not run', async () => {
  const { runs, said } = pace();
  runs.begin();
  runs.skip();
  await sleep(50);
  expect(said).toEqual([]);
  for (let run = 0; run < 4; run += 1) runs.begin();
  block(12);
  runs.end();
  for (let run = 0; run < 3; run += 1) runs.skip();
  expect(said).toEqual([]);
  runs.begin();
  runs.end();
  expect(said).toEqual([false]);
});
