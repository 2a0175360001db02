import { isDigest } from '../../artifact/Digest';
import { isRecord } from '../../artifact/isRecord';
import { isStringRecord } from '../../artifact/isStringRecord';
import { RunwrightError } from '../../errors/RunwrightError';
import { isModelSignature } from '../../models/tensor/isModelSignature';
import { isParityReport } from '../../models/tensor/isParityReport';
import { packagePathFault } from '../artifacts/packagePathFault';
import { MANIFEST_FILE, MANIFEST_VERSION, type RunnerManifest } from './RunnerManifest';

/**
 * `runwright.json` from bytes that somebody else wrote.
 *
 * @throws RunwrightError RW_PACKAGE_INVALID, RW_PACKAGE_INCOMPATIBLE (a newer format)
 */
export function parseRunnerManifest(bytes: Uint8Array, where: string): RunnerManifest {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw invalid(where, 'it is not JSON', cause);
  }
  if (!isRecord(value)) throw invalid(where, 'it is not an object');
  const { manifestVersion } = value;
  if (typeof manifestVersion === 'number' && manifestVersion > MANIFEST_VERSION) {
    throw new RunwrightError('RW_PACKAGE_INCOMPATIBLE', {
      where,
      what: `the package has format ${manifestVersion}, this Runwright reads up to ${MANIFEST_VERSION}`,
      hint: 'Update runwright',
    });
  }
  const fault = shapeFault(value);
  if (fault !== undefined) throw invalid(where, fault);
  return value as unknown as RunnerManifest;
}

function shapeFault(manifest: Record<string, unknown>): string | undefined {
  const { manifestVersion, runner, code, model, artifacts, executables, requirements, engines } = manifest;
  if (manifestVersion !== MANIFEST_VERSION) return '`manifestVersion` is missing or unknown';
  if (!isRecord(engines) || !isStringRecord(engines)) return '`engines` is not a record of ranges';
  if (!isRecord(runner) || typeof runner['name'] !== 'string') return '`runner` has no name';
  if (!(runner['export'] === null || typeof runner['export'] === 'string')) return '`runner` names no export';
  if (!isRecord(runner['stages']) || !isRecord(runner['input']) || !isRecord(runner['output'])) {
    return '`runner` has no stages, input or output';
  }
  if (!Array.isArray(code) || !code.every(isCodeFile)) return '`code` is not a list of files';
  if ((code.length === 0) !== (runner['export'] === null)) return '`code` and `runner.export` do not agree';
  if (!isRecord(model) || !(model['props'] === null || isStringRecord(model['props']))) {
    return '`model.props` is neither null nor a record of strings';
  }
  if (model['signature'] !== undefined && !isModelSignature(model['signature']))
    return '`model.signature` is not one';
  if (model['parity'] !== undefined && !isParityReport(model['parity'])) return '`model.parity` is not one';
  if (runner['export'] === null && model['signature'] === undefined)
    return 'it has neither code nor `model.signature`';
  if (!isStringList(artifacts) || !artifacts.every(isArtifactKey))
    return '`artifacts` is not a list of paths';
  if (!isStringList(executables)) return '`executables` is not a list of paths';
  if (!isRecord(requirements) || !Array.isArray(requirements['packages']))
    return '`requirements` lists no packages';
  return undefined;
}

function isCodeFile(value: unknown): boolean {
  return (
    isRecord(value) &&
    typeof value['path'] === 'string' &&
    packagePathFault(value['path'], { reserved: false }) === undefined &&
    isDigest(value['digest']) &&
    Number.isSafeInteger(value['size'])
  );
}

// A path that leaves the package would hand the runner files that were never verified.
function isArtifactKey(key: string): boolean {
  const path = key.replace(/\/?\*$/, '');
  return path === '' || packagePathFault(path) === undefined;
}

function isStringList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((member) => typeof member === 'string');
}

function invalid(where: string, fault: string, cause?: unknown): RunwrightError {
  return new RunwrightError('RW_PACKAGE_INVALID', {
    where: `${MANIFEST_FILE} of ${where}`,
    what: fault,
    hint: 'The package was not made by Runwright, or not as a whole; register it again',
    cause,
  });
}
