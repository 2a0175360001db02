import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRegistry } from '../../src/registry/openRegistry';
import type { RegistryStage } from './conformance/RegistryStage';
import { publishPackage } from './testPackage';
import { TestVesslPlatform } from './TestVesslPlatform';

/** An organization of a VESSL platform of its own. Each registry object has a cache of its own. */
export async function vesslStage(): Promise<RegistryStage> {
  const home = mkdtempSync(join(tmpdir(), 'runwright-vessl-stage-'));
  const platform = await TestVesslPlatform.start();
  let opened = 0;
  const open: RegistryStage['open'] = () =>
    openRegistry('vessl://acme', {
      environment: {
        ...process.env,
        VESSL_API_HOST: platform.origin,
        VESSL_ACCESS_TOKEN: platform.token,
        RUNWRIGHT_CACHE: join(home, `cache-${(opened += 1)}`),
      },
    });
  return {
    open,
    async seed(name, count) {
      await publishPackage(open(), name, 'seed');
      platform.repeat(name.repository, 1, count);
    },
    async remove() {
      await platform.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
