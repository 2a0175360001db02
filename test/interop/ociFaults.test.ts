import { afterEach, beforeEach, expect, it } from 'vitest';
import { FaultProxy } from '../registry/FaultProxy';
import { havocStage, type HavocStage } from '../registry/havocStage';
import { startDockerRegistry, type DockerRegistry } from './dockerRegistry';
import { requireProgram } from './requireProgram';

/** In all; RUNWRIGHT_FAULTS for more. */
const FAULTS = Number(process.env.RUNWRIGHT_FAULTS ?? 10_000);

requireProgram('docker-registry')('a registry behind a line that fails', () => {
  let server: DockerRegistry | undefined;
  let stage: HavocStage | undefined;
  beforeEach(async () => {
    server = await startDockerRegistry();
  });
  afterEach(async () => {
    await stage?.remove();
    await server?.stop();
  });

  it.each([
    ['without credentials', { tokens: false, seed: 1, rate: 0.5, share: 0.7 }],
    ['with tokens that expire', { tokens: true, seed: 2, rate: 0.35, share: 0.3 }],
  ])(
    'loses nothing and gives nothing wrong, %s',
    async (_title, { share, ...options }) => {
      if (server === undefined) throw new Error('the registry runs');
      const proxy = await FaultProxy.start({ target: server.origin, ...options });
      stage = havocStage(proxy);
      const { havoc } = stage;
      await havoc.work(10, () => proxy.faults >= FAULTS * share);
      proxy.rate = 0;
      const { numbers, packages } = await havoc.check();
      expect(numbers).toBeGreaterThan(FAULTS / 200);
      expect(packages).toBeGreaterThan(numbers / 2);
      expect(proxy.leaks).toBe(0);
      expect(proxy.injected.size).toBe(options.tokens ? 12 : 11);
    },
    600_000,
  );
});
