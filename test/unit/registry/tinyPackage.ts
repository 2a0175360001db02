import { readdirSync } from 'node:fs';
import type { BlobSink } from '../../../src/artifact/BlobSink';
import { canonicalJson } from '../../../src/artifact/canonicalJson';
import type { Digest } from '../../../src/artifact/Digest';
import { MEDIA_TYPES } from '../../../src/artifact/mediaTypes';
import type { ModelEntry, Registry, RepositoryName } from '../../../src/registry/Registry';

/** Puts a small ModelPack package into a sink and gives its manifest. The same contents give the same manifest. */
export async function putTiny(sink: BlobSink, ...contents: readonly (string | Buffer)[]): Promise<Buffer> {
  const layers = [];
  for (const content of contents) {
    layers.push({ mediaType: MEDIA_TYPES.weight, ...(await sink.putBytes(Buffer.from(content))) });
  }
  const config = canonicalJson({
    descriptor: { name: 'tiny' },
    config: { format: 'raw' },
    modelfs: { type: 'layers', diffIds: layers.map(({ digest }) => digest) },
  });
  return canonicalJson({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    artifactType: MEDIA_TYPES.modelManifest,
    config: { mediaType: MEDIA_TYPES.modelConfig, ...(await sink.putBytes(config)) },
    layers,
  });
}

export async function publishTiny(
  registry: Registry,
  name: RepositoryName,
  content: string | Buffer,
  options: { number?: number; expectedDigest?: Digest | null } = {},
): Promise<ModelEntry> {
  const publication = await registry.publish(name);
  try {
    const manifest = await putTiny(publication, content);
    return await publication.commit({ manifest, number: null, ...options });
  } finally {
    await publication.abandon();
  }
}

/** Every path under a folder, ordered. */
export function listPaths(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}
