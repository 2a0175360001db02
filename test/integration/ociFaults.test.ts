import { afterEach, expect, it } from 'vitest';
import { FaultProxy } from '../registry/FaultProxy';
import { havocStage, type HavocStage } from '../registry/havocStage';
import { TestOciRegistry } from '../registry/TestOciRegistry';

const FAULTS = 600;

// As test/interop/ociFaults.test.ts, with what docker-registry cannot do: sessions that are kept, and so chunks that go on.
let server: TestOciRegistry | undefined;
let stage: HavocStage | undefined;
afterEach(async () => {
  await stage?.remove();
  await server?.stop();
});

it('loses nothing and gives nothing wrong when chunks are sent over a line that fails', async () => {
  server = await TestOciRegistry.start({ keepsSessions: true, pageSize: 20, deletesDisabled: true });
  const proxy = await FaultProxy.start({ target: new URL(server.origin), seed: 3, rate: 0.35 });
  stage = havocStage(proxy, { chunkSize: 4096 });
  const { havoc } = stage;
  await havoc.work(6, () => proxy.faults >= FAULTS);
  proxy.rate = 0;
  const { numbers, packages } = await havoc.check();
  expect(numbers).toBeGreaterThan(2);
  expect(packages).toBeGreaterThan(2);
  expect(proxy.leaks).toBe(0);
});
