import type { Descriptor } from '../../artifact/Descriptor';
import { isDigest } from '../../artifact/Digest';
import { ANNOTATIONS, MEDIA_TYPES } from '../../artifact/mediaTypes';
import { RunwrightError } from '../../errors/RunwrightError';
import { findCollision } from '../artifacts/findCollision';
import { packagePathFault } from '../artifacts/packagePathFault';
import { MANIFEST_FILE } from '../manifest/RunnerManifest';
import { CODE_FOLDER, MAX_LAYERS, MAX_MANIFEST_BYTES, MODEL_FOLDER } from './layout';
import type { PackageContents } from './PackageContents';

/** Code is held in memory to be unpacked; a real bundle is a few megabytes at most. */
const MAX_CODE_BYTES = 256 * 1024 * 1024;

/**
 * Reads the manifest of a package that somebody else may have made. Everything that could do harm when the package is
 * opened is refused here, before anything is written.
 *
 * @param where the reference or file, for messages
 * @throws RunwrightError RW_PACKAGE_INVALID
 */
export function readContents(manifest: Uint8Array, where: string): PackageContents {
  const refuse = (what: string, cause?: unknown): RunwrightError =>
    new RunwrightError('RW_PACKAGE_INVALID', {
      where,
      what,
      hint: 'Do not open it; get the package again',
      cause,
    });

  if (manifest.length > MAX_MANIFEST_BYTES)
    throw refuse(`its manifest is larger than ${MAX_MANIFEST_BYTES} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(manifest).toString('utf8'));
  } catch (cause) {
    throw refuse('its manifest is not JSON', cause);
  }
  const { artifactType, layers } = (value ?? {}) as { artifactType?: unknown; layers?: unknown };
  if (artifactType !== MEDIA_TYPES.modelManifest || !Array.isArray(layers)) {
    throw refuse('it is not a model package (CNCF ModelPack)');
  }
  if (layers.length > MAX_LAYERS + 2) throw refuse(`it has ${layers.length} layers, more than ${MAX_LAYERS}`);

  const [first, code, ...rest] = layers.map((layer: unknown) => {
    const descriptor = toDescriptor(layer);
    if (!descriptor) throw refuse('one of its layers has no digest, size or path');
    return descriptor;
  });
  if (!first || first.path !== MANIFEST_FILE) throw refuse(`its first layer is not ${MANIFEST_FILE}`);
  if (!code || code.path !== CODE_FOLDER || code.descriptor.mediaType !== MEDIA_TYPES.code) {
    throw refuse('its second layer is not the code');
  }
  if (code.descriptor.size > MAX_CODE_BYTES || first.descriptor.size > MAX_MANIFEST_BYTES) {
    throw refuse('its code or its runwright.json is larger than any real one');
  }
  for (const { path } of rest) {
    const inModel = path.startsWith(`${MODEL_FOLDER}/`);
    const fault = packagePathFault(path, { reserved: !inModel });
    if (fault !== undefined)
      throw refuse(`the path ${JSON.stringify(path.slice(0, 200))} is refused: ${fault}`);
  }
  const collision = findCollision(rest.map(({ path }) => path));
  if (collision) throw refuse(`the paths "${collision[0]}" and "${collision[1]}" collide`);
  return {
    runnerManifest: first.descriptor,
    code: code.descriptor,
    files: new Map(rest.map(({ path, descriptor }) => [path, descriptor])),
  };
}

function toDescriptor(value: unknown): { path: string; descriptor: Descriptor } | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { mediaType, digest, size, annotations } = value as Record<string, unknown>;
  if (typeof mediaType !== 'string' || !isDigest(digest)) return undefined;
  if (!Number.isSafeInteger(size) || (size as number) < 0) return undefined;
  const path = (annotations as Record<string, unknown> | undefined)?.[ANNOTATIONS.filepath];
  if (typeof path !== 'string') return undefined;
  return {
    path,
    descriptor: { mediaType, digest, size: size as number, annotations: { [ANNOTATIONS.filepath]: path } },
  };
}
