import type { BlobInfo, BlobSink } from '../../artifact/BlobSink';
import { canonicalJson } from '../../artifact/canonicalJson';
import type { Descriptor } from '../../artifact/Descriptor';
import type { Digest } from '../../artifact/Digest';
import { digestOf } from '../../artifact/digestOf';
import { ANNOTATIONS, MEDIA_TYPES } from '../../artifact/mediaTypes';
import type { OciManifest } from '../../artifact/OciManifest';
import { MAX_MANIFEST_SIZE } from '../../artifact/parseOciManifest';
import { RunwrightError } from '../../errors/RunwrightError';
import { writeCodeTar } from '../archive/writeCodeTar';
import { findCollision } from '../artifacts/findCollision';
import type { PackageFile } from '../artifacts/PackageFile';
import { packagePathFault } from '../artifacts/packagePathFault';
import {
  MANIFEST_FILE,
  MANIFEST_VERSION,
  type ManifestRunner,
  type ManifestModel,
  type RunnerManifest,
} from '../manifest/RunnerManifest';
import type { LockedRequirements } from '../requirements/LockedRequirements';
import { CODE_FOLDER, MAX_LAYERS, MODEL_FOLDER } from './layout';
import { modelConfig } from './modelConfig';
import { requiredPeers } from '../../artifact/peerLibraries';
import { packageRoot } from '../../artifact/packageRoot';

/** A layer that stands in the repository already and is named again. */
export interface KeptFile {
  readonly path: string;
  readonly executable: boolean;
  readonly descriptor: Descriptor;
}

export interface PackInput {
  /** What a scan of `code` found. */
  readonly runner: ManifestRunner;
  /** The files of the code layer by their path in it; the first is the one to import. None for a runner made from its model. */
  readonly code: ReadonlyMap<string, Uint8Array>;
  readonly model: ManifestModel;
  /** Model files (under `model/`) and artifacts, to be read now. */
  readonly files: readonly PackageFile[];
  readonly kept?: readonly KeptFile[];
  /** Keys that `@Load` gets. */
  readonly artifacts: readonly string[];
  readonly requirements: LockedRequirements;
}

export interface PackOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called as bytes of `files` go by. */
  readonly onBytes?: ((count: number) => void) | undefined;
}

export interface PackedPackage {
  /** The OCI manifest, byte for byte. */
  readonly manifest: Buffer;
  readonly digest: Digest;
  /** Every blob that the manifest names, the config first. */
  readonly blobs: readonly Descriptor[];
  readonly runnerManifest: RunnerManifest;
}

/**
 * Puts the blobs of a package into `sink` and makes its manifest. The same input gives the same digest on every machine:
 * no clock, user, path or host is in the bytes.
 *
 * @throws RunwrightError RW_ARTIFACT_INVALID (too many files), and what `sink` throws
 */
export async function pack(
  input: PackInput,
  sink: BlobSink,
  options: PackOptions = {},
): Promise<PackedPackage> {
  const { kept = [] } = input;
  refuseTooMany(input.files.length + kept.length);
  refusePaths([...input.files, ...kept].map(({ path }) => path));
  const fileLayers: Descriptor[] = kept.map(({ path, descriptor }) =>
    layer(MEDIA_TYPES.weight, descriptor, path),
  );
  for (const { source, path } of input.files) {
    fileLayers.push(layer(MEDIA_TYPES.weight, await sink.putFile(source, options), path));
  }
  fileLayers.sort(byPath);

  const runnerManifest = makeRunnerManifest(input, kept);
  const layers = [
    layer(MEDIA_TYPES.weightConfig, await sink.putBytes(canonicalJson(runnerManifest)), MANIFEST_FILE),
    ...(input.code.size > 0
      ? [layer(MEDIA_TYPES.code, await sink.putBytes(await writeCodeTar(input.code)), CODE_FOLDER)]
      : []),
    ...fileLayers,
  ];
  const configBytes = canonicalJson(
    modelConfig(
      input.runner,
      layers.map(({ digest }) => digest),
    ),
  );
  const config = { mediaType: MEDIA_TYPES.modelConfig, ...(await sink.putBytes(configBytes)) };
  const ociManifest: OciManifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    artifactType: MEDIA_TYPES.modelManifest,
    config,
    layers,
  };
  const manifest = canonicalJson(ociManifest);
  if (manifest.length > MAX_MANIFEST_SIZE) refuseTooMany(MAX_LAYERS + 1);
  return { manifest, digest: digestOf(manifest), blobs: [config, ...layers], runnerManifest };
}

function makeRunnerManifest(input: PackInput, kept: readonly KeptFile[]): RunnerManifest {
  const { version, engines, dependencies } = packageRoot().packageJson;
  const executables = [...input.files, ...kept]
    .filter(({ executable }) => executable)
    .map(({ path }) => path);
  return {
    manifestVersion: MANIFEST_VERSION,
    // Pinned to an exact version, so this is what runs.
    framework: { name: 'runwright', version, rolldown: dependencies['rolldown'] ?? '' },
    engines: { ...requiredPeers(), node: engines.node, runwright: `^${version}` },
    runner: input.runner,
    code: [...input.code].map(([path, bytes]) => ({ path, digest: digestOf(bytes), size: bytes.length })),
    model: input.model,
    artifacts: [...input.artifacts].sort(),
    executables: executables.sort(),
    requirements: input.requirements,
  };
}

function layer(mediaType: string, { digest, size }: BlobInfo, path: string): Descriptor {
  return { mediaType, digest, size, annotations: { [ANNOTATIONS.filepath]: path } };
}

function byPath(a: Descriptor, b: Descriptor): number {
  const [x = '', y = ''] = [a, b].map(({ annotations }) => annotations?.[ANNOTATIONS.filepath]);
  return x < y ? -1 : x > y ? 1 : 0;
}

/** What opening the package would refuse is refused before it is made; `@Save` may have written any name. */
function refusePaths(paths: readonly string[]): void {
  const refuse = (where: string, what: string, hint: string): RunwrightError =>
    new RunwrightError('RW_ARTIFACT_INVALID', { where, what, hint });
  for (const path of paths) {
    const fault = packagePathFault(path, { reserved: !path.startsWith(`${MODEL_FOLDER}/`) });
    if (fault !== undefined)
      throw refuse(`package path ${JSON.stringify(path)}`, fault, 'Give the file another name');
  }
  const collision = findCollision(paths);
  if (!collision) return;
  throw refuse(
    `package path "${collision[0]}"`,
    `it collides with "${collision[1]}", which is in the package already`,
    'Give one of them another package path; files that stay from before are named by `runwright show`',
  );
}

function refuseTooMany(count: number): void {
  if (count <= MAX_LAYERS) return;
  throw new RunwrightError('RW_ARTIFACT_INVALID', {
    where: 'artifacts',
    what: `the package would have ${count} files or more, and ${MAX_LAYERS} is the most that registries take`,
    hint: 'Put small files together into one archive, and unpack it in @Load()',
  });
}
