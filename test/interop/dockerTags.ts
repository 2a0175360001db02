import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../../src/artifact/Digest';
import type { DockerRegistry } from './dockerRegistry';

/** Puts tags into docker-registry's storage as it keeps them itself: thousands by requests would take minutes. */
export function putDockerTags(
  { folder }: DockerRegistry,
  repository: string,
  digest: Digest,
  tags: readonly string[],
): void {
  const root = join(folder, 'storage/docker/registry/v2/repositories', repository, '_manifests/tags');
  for (const tag of tags) {
    for (const place of ['current', join('index', digest.replace(':', '/'))]) {
      mkdirSync(join(root, tag, place), { recursive: true });
      writeFileSync(join(root, tag, place, 'link'), digest);
    }
  }
}
