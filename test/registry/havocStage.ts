import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OciRegistry, type OciRegistryOptions } from '../../src/registry/oci/OciRegistry';
import type { FaultProxy } from './FaultProxy';
import { RegistryHavoc } from './RegistryHavoc';

export interface HavocStage {
  readonly havoc: RegistryHavoc;
  remove(): Promise<void>;
}

/** Havoc on the OCI registry behind a proxy, whose clients wait a thousandth of what they would. */
export function havocStage(
  proxy: FaultProxy,
  options: Pick<OciRegistryOptions, 'chunkSize'> = {},
): HavocStage {
  const home = mkdtempSync(join(tmpdir(), 'runwright-havoc-'));
  let opened = 0;
  const open = (): OciRegistry => {
    const cache = join(home, `cache-${(opened += 1)}`);
    return new OciRegistry({
      url: `oci://${proxy.host}`,
      origin: proxy.origin,
      prefix: '',
      defaultOrganization: 'acme',
      environment: { ...process.env, DOCKER_CONFIG: home, RUNWRIGHT_CACHE: cache },
      ...options,
      retry: { tries: 10, firstWait: 1, longestWait: 8, longestRetryAfter: 100 },
    });
  };
  return {
    havoc: new RegistryHavoc(open),
    async remove() {
      await proxy.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
