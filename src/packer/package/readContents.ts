import type { Descriptor } from '../../artifact/Descriptor';
import { ANNOTATIONS, MEDIA_TYPES } from '../../artifact/mediaTypes';
import { MAX_MANIFEST_SIZE, parseOciManifest } from '../../artifact/parseOciManifest';
import { RunwrightError } from '../../errors/RunwrightError';
import { findCollision } from '../artifacts/findCollision';
import { packagePathFault } from '../artifacts/packagePathFault';
import { MANIFEST_FILE } from '../manifest/RunnerManifest';
import { CODE_FOLDER, MAX_LAYERS, MODEL_FOLDER } from './layout';
import type { PackageContents } from './PackageContents';

/** Bytes. Code is held in memory to be unpacked; a real bundle is a few megabytes at most. */
const MAX_CODE_SIZE = 256 * 1024 * 1024;

/**
 * Reads the manifest of a package that somebody else may have made. Everything that could do harm when the package is
 * opened is refused here, before anything is written.
 *
 * @param where the reference or file, for messages
 * @throws RunwrightError RW_PACKAGE_INVALID
 */
export function readContents(manifest: Uint8Array, where: string): PackageContents {
  const refuse = (what: string): RunwrightError =>
    new RunwrightError('RW_PACKAGE_INVALID', { where, what, hint: 'Do not open it; get the package again' });

  const { artifactType, layers } = parseOciManifest(manifest, where);
  if (artifactType !== MEDIA_TYPES.modelManifest) throw refuse('it is not a model package (CNCF ModelPack)');
  if (layers.length > MAX_LAYERS + 2) throw refuse(`it has ${layers.length} layers, more than ${MAX_LAYERS}`);

  const [runnerManifest, ...others] = layers;
  if (!runnerManifest || pathOf(runnerManifest) !== MANIFEST_FILE) {
    throw refuse(`its first layer is not ${MANIFEST_FILE}`);
  }
  const code = others[0] && pathOf(others[0]) === CODE_FOLDER ? others[0] : undefined;
  if (code && code.mediaType !== MEDIA_TYPES.code) throw refuse('its second layer is not the code');
  const rest = code ? others.slice(1) : others;
  if ((code?.size ?? 0) > MAX_CODE_SIZE || runnerManifest.size > MAX_MANIFEST_SIZE) {
    throw refuse('its code or its runwright.json is larger than any real one');
  }
  const files = rest.map((descriptor): [string, Descriptor] => {
    const path = pathOf(descriptor) ?? '';
    const reserved = !path.startsWith(`${MODEL_FOLDER}/`);
    const fault = packagePathFault(path, { reserved });
    if (fault === undefined) return [path, descriptor];
    throw refuse(`the path ${JSON.stringify(path.slice(0, 200))} is refused: ${fault}`);
  });
  const collision = findCollision(files.map(([path]) => path));
  if (collision) throw refuse(`the paths "${collision[0]}" and "${collision[1]}" collide`);
  return { runnerManifest, code, files: new Map(files) };
}

function pathOf({ annotations }: Descriptor): string | undefined {
  return annotations?.[ANNOTATIONS.filepath];
}
