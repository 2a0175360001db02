import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { MessageChannel } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { RunLine } from '../../../src/execution/worker/RunLine';

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

it('begins a run when the one before it has done what it does at once', async () => {
  const line = new RunLine();
  const seen: string[] = [];
  for (const id of [1, 2, 3]) {
    line.add(id, () => {
      seen.push(`begin ${id}`);
      void Promise.resolve().then(() => seen.push(`work ${id}`));
    });
  }
  expect(seen).toEqual(['begin 1']);
  while (seen.length < 6) await turn();
  expect(seen).toEqual([1, 2, 3].flatMap((id) => [`begin ${id}`, `work ${id}`]));
});

it('does not wait for the end of a run that waits for something else', async () => {
  const line = new RunLine();
  const seen: number[] = [];
  for (const id of [1, 2]) {
    line.add(id, () => {
      seen.push(id);
      void sleep(60_000, undefined, { ref: false });
    });
  }
  while (seen.length < 2) await turn();
  expect(seen).toEqual([1, 2]);
});

it('lets what has arrived be read after a run that blocks, and answers be sent', async () => {
  const line = new RunLine();
  const seen: string[] = [];
  const { port1, port2 } = new MessageChannel();
  port2.on('message', () => seen.push(`removed ${line.remove(2)}`));
  for (const id of [1, 2, 3]) {
    line.add(id, () => {
      seen.push(`run ${id}`);
      block(5);
      if (id === 1) port1.postMessage('2');
      setImmediate(() => seen.push(`answer ${id}`));
    });
  }
  while (seen.at(-1) !== 'answer 3') await turn();
  port1.close();
  expect(seen.filter((one) => one !== 'removed true')).toEqual(['run 1', 'answer 1', 'run 3', 'answer 3']);
});

it('takes out what has not begun, and nothing else', async () => {
  const line = new RunLine();
  const seen: number[] = [];
  for (const id of [1, 2, 3]) line.add(id, () => seen.push(id));
  expect([1, 2, 4].map((id) => line.remove(id))).toEqual([false, true, false]);
  while (seen.length < 2) await turn();
  expect(seen).toEqual([1, 3]);
  expect(line.remove(3)).toBe(false);
});
