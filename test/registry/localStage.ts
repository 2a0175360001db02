import { readFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageIndex } from '../../src/artifact/imageIndex';
import { LocalRegistry } from '../../src/registry/local/LocalRegistry';
import type { RegistryStage } from './conformance/RegistryStage';
import { publishPackage } from './testPackage';

/** A registry in a folder of its own. */
export async function localStage(): Promise<RegistryStage> {
  const folder = await mkdtemp(join(tmpdir(), 'runwright-stage-'));
  const directory = join(folder, 'registry');
  const open = (): LocalRegistry => new LocalRegistry({ directory, defaultOrganization: 'acme' });
  return {
    open,
    async seed(name, count) {
      await publishPackage(open(), name, 'seed');
      const file = join(directory, name.organization, name.repository, 'index.json');
      const index = JSON.parse(await readFile(file, 'utf8')) as ImageIndex;
      const [entry] = index.manifests;
      const manifests = Array.from({ length: count }, (_, at) => ({
        ...entry,
        annotations: { ...entry?.annotations, 'org.opencontainers.image.ref.name': String(count - at) },
      }));
      await writeFile(file, JSON.stringify({ ...index, manifests }));
    },
    remove: () => rm(folder, { recursive: true }),
  };
}
