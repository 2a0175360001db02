import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseReference } from '../../../../src/artifact/Reference';
import { OciRegistry, type OciRegistryOptions } from '../../../../src/registry/oci/OciRegistry';
import type { ResolvedModel } from '../../../../src/registry/Registry';
import { TestOciRegistry, type TestOciRegistryOptions } from '../../../registry/TestOciRegistry';

/** A registry server, and as many users of it as a test wants: each with a cache of its own, and none patient. */
export class OciStage {
  readonly #folders: string[] = [];

  private constructor(readonly server: TestOciRegistry) {}

  static async open(options?: TestOciRegistryOptions): Promise<OciStage> {
    return new OciStage(await TestOciRegistry.start(options));
  }

  folder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'runwright-oci-'));
    this.#folders.push(folder);
    return folder;
  }

  registry(options: Partial<OciRegistryOptions> = {}): OciRegistry {
    return new OciRegistry({
      url: `oci://${this.server.host}`,
      origin: new URL(this.server.origin),
      prefix: '',
      defaultOrganization: 'acme',
      environment: { RUNWRIGHT_CACHE: this.folder(), DOCKER_CONFIG: this.folder() },
      retry: { firstWait: 5, longestWait: 20 },
      ...options,
    });
  }

  async close(): Promise<void> {
    await this.server.stop();
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
  }
}

export const IRIS = { organization: 'acme', repository: 'iris' };

export function resolve(registry: OciRegistry, reference: string): Promise<ResolvedModel> {
  return registry.resolve(parseReference(reference));
}
