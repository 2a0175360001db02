import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { UploadQueue } from '../../../../src/registry/remote/UploadQueue';

describe('UploadQueue', () => {
  it('does no more than so much at once, also while more comes in', async () => {
    const queue = new UploadQueue(3);
    let running = 0;
    let most = 0;
    let done = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, (running += 1));
      await turn();
      running -= 1;
      done += 1;
      // One that ends and one that comes must not both take the place.
      if (done <= 20) void queue.add(work);
    };
    for (let count = 0; count < 20; count += 1) void queue.add(work);
    await queue.done();
    expect([most, done]).toEqual([3, 40]);
  });

  it('tells of the first failure when nothing is at work any more, and begins nothing after it', async () => {
    const queue = new UploadQueue(2);
    const failure = new Error('broken');
    const begun: number[] = [];
    let ended = false;
    const failed = queue.add(async () => {
      await turn();
      throw failure;
    });
    void queue.add(async () => {
      for (let count = 0; count < 10; count += 1) await turn();
      ended = true;
    });
    for (const at of [1, 2, 3]) void queue.add(async () => Promise.resolve(void begun.push(at)));
    await expect(failed).rejects.toBe(failure);
    await expect(queue.done()).rejects.toBe(failure);
    expect([ended, begun]).toEqual([true, []]);
    await expect(queue.add(() => Promise.resolve())).rejects.toBe(failure);
  });

  it('is done when there is nothing to do', async () => {
    await new UploadQueue(1).done();
  });
});
