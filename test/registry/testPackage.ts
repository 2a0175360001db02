import { text } from 'node:stream/consumers';
import type { BlobSink } from '../../src/artifact/BlobSink';
import type { BlobSource } from '../../src/artifact/BlobSource';
import type { Descriptor } from '../../src/artifact/Descriptor';
import type { Digest } from '../../src/artifact/Digest';
import { digestOf } from '../../src/artifact/digestOf';
import { parseOciManifest } from '../../src/artifact/parseOciManifest';
import { verifiedChunks } from '../../src/artifact/verifiedChunks';
import type { ManifestRunner } from '../../src/packer/manifest/RunnerManifest';
import { pack } from '../../src/packer/package/pack';
import type { ModelEntry, Registry, RepositoryName, ResolvedModel } from '../../src/registry/Registry';

const ANYTHING = { type: 'unknown', kind: 'unvalidated', explicit: true, schema: {} } as const;

const RUNNER: ManifestRunner = {
  name: 'echo',
  description: null,
  className: 'Echo',
  export: 'Echo',
  stages: { load: { method: 'load', static: false }, predict: { method: 'predict', static: false } },
  batch: null,
  stream: false,
  input: ANYTHING,
  output: ANYTHING,
};

/** Package path to bytes, or to the absolute path of a file that holds them. */
export type PackageFiles = Readonly<Record<string, Uint8Array | string>>;

/**
 * Puts the blobs of a whole package into a sink, in the way that a registration does, and gives its manifest. The same files
 * and code give the same manifest.
 */
export async function putPackage(sink: BlobSink, files: PackageFiles, code = 'one'): Promise<Buffer> {
  const inMemory: BlobSink = {
    putBytes: (bytes) => sink.putBytes(bytes),
    putFile: (source, options) => {
      const content = files[source];
      return content instanceof Uint8Array
        ? sink.putBytes(content)
        : sink.putFile(content ?? source, options);
    },
  };
  const { manifest } = await pack(
    {
      runner: RUNNER,
      code: new Map([['index.mjs', Buffer.from(`export class Echo {} // ${code}\n`)]]),
      model: { format: 'external', props: null },
      files: Object.keys(files).map((path) => ({ source: path, path, executable: false, size: 0 })),
      artifacts: Object.keys(files),
      requirements: { packages: [], lock: null },
    },
    inMemory,
  );
  return manifest;
}

export interface PublishOptions {
  readonly number?: number | null;
  readonly expectedDigest?: Digest | null;
}

/** Publishes a package whose code is `content`, with the same few weights every time. */
export async function publishPackage(
  registry: Registry,
  name: RepositoryName,
  content: string,
  { number = null, expectedDigest }: PublishOptions = {},
): Promise<ModelEntry> {
  const publication = await registry.publish(name);
  try {
    const manifest = await putPackage(publication, { 'weights.bin': Buffer.from(content) }, content);
    return await publication.commit({ manifest, number, expectedDigest });
  } finally {
    await publication.abandon();
  }
}

/** Reads every byte of a package; throws unless all of them are what the digest says. */
export async function verifyPackage(registry: Registry, resolved: ResolvedModel): Promise<void> {
  if (digestOf(resolved.manifest) !== resolved.digest) throw new Error("the manifest is not the digest's");
  const { config, layers } = parseOciManifest(resolved.manifest, resolved.digest);
  const blobs = registry.blobs(resolved);
  for (const descriptor of [config, ...layers]) await verifyBlob(blobs, descriptor);
}

export async function verifyBlob(blobs: BlobSource, descriptor: Descriptor): Promise<void> {
  const chunks = verifiedChunks(await blobs.stream(descriptor), descriptor, descriptor.digest);
  // The end is what is waited for.
  for await (const chunk of chunks) void chunk;
}

/** The content that `publishPackage` was given. */
export async function readContent(registry: Registry, resolved: ResolvedModel): Promise<string> {
  const { layers } = parseOciManifest(resolved.manifest, resolved.digest);
  const weights = layers.at(-1);
  if (weights === undefined) throw new Error('the package has no layer');
  return text(await registry.blobs(resolved).stream(weights));
}
