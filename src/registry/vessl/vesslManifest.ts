import { asRecord } from '../../artifact/asRecord';
import { isStringRecord } from '../../artifact/isStringRecord';
import { isRecord } from '../../artifact/isRecord';
import { POINTER_KEY } from './volumeLayout';

/** `vessl.manifest.yaml`, version v1, as `ManifestSchema` of `vessl` 0.1.199 reads it. */
export interface VesslManifest {
  readonly artifacts: Readonly<Record<string, string>>;
  readonly model: {
    readonly save_output: Readonly<Record<string, string>> | null;
    readonly save_path: string | null;
    readonly save_type: string;
  };
  readonly requirements: readonly string[];
  readonly runner: { readonly save_path: string; readonly save_type: string };
  readonly use_default: readonly string[];
  readonly version: 'v1';
}

/** Says that a runner is not a pickle: the Python SDK then answers "Unknown save type". */
export const SAVE_TYPE = 'runwright';

/** Stages in the names of the Python SDK and in its order; those that the user did not write are listed. */
const STAGES = [
  ['load', 'load_model'],
  ['preprocess', 'preprocess_data'],
  ['postprocess', 'postprocess_data'],
] as const;

const SAVED_BY_DEFAULT: readonly unknown[] = ['default', 'onnx', 'torch'];

/**
 * What the platform's own tools are told of a package.
 *
 * @param runnerManifest `runwright.json`, parsed; members that it lacks count as empty
 * @param keys the package's files: path to key on the volume
 */
export function makeVesslManifest(runnerManifest: unknown, keys: ReadonlyMap<string, string>): VesslManifest {
  const { runner, model, artifacts, requirements } = asRecord(runnerManifest);
  const stages = asRecord(asRecord(runner)['stages']);
  const { format, props } = asRecord(model);
  const isDefault = SAVED_BY_DEFAULT.includes(format);
  const packages = asRecord(requirements)['packages'];
  return {
    artifacts: placesOf(Array.isArray(artifacts) ? (artifacts as unknown[]) : [], keys),
    model: {
      save_output: isStringRecord(props) ? props : null,
      save_path: isDefault ? POINTER_KEY : null,
      save_type: isDefault ? SAVE_TYPE : 'user-defined',
    },
    // npm's form, which pip refuses: it must not install what has the same name in its own registry.
    requirements: (Array.isArray(packages) ? (packages as unknown[]) : [])
      .filter(isRecord)
      .map(({ name, version }) => `${String(name)}@${String(version)}`),
    runner: { save_path: POINTER_KEY, save_type: SAVE_TYPE },
    use_default: STAGES.filter(([stage]) => stages[stage] === undefined).map(([, name]) => name),
    version: 'v1',
  };
}

/** Each artifact to where it lies. A folder stays a folder; what of it had to go elsewhere is named besides. */
function placesOf(artifacts: readonly unknown[], keys: ReadonlyMap<string, string>): Record<string, string> {
  const places: Record<string, string> = {};
  for (const artifact of artifacts) {
    if (typeof artifact !== 'string') continue;
    if (!artifact.endsWith('*')) {
      places[artifact] = keys.get(artifact) ?? artifact;
      continue;
    }
    places[artifact] = artifact;
    const folder = artifact.slice(0, -1);
    for (const [path, key] of keys) if (key !== path && path.startsWith(folder)) places[path] = key;
  }
  return places;
}
