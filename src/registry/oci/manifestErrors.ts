import type { Digest } from '../../artifact/Digest';
import { MAX_MANIFEST_SIZE } from '../../artifact/parseOciManifest';
import { RunwrightError } from '../../errors/RunwrightError';

// What may be wrong with a manifest on its way from or to a registry. `where` is the reference.

export function corruptManifest(where: string, digest: Digest): RunwrightError {
  return new RunwrightError('RW_PACKAGE_CORRUPT', {
    where,
    what: `the registry gives bytes for the manifest ${digest} that have another sha256`,
    hint: 'Register the package again, or ask whoever runs the registry',
  });
}

export function largeManifest(where: string, size: number): RunwrightError {
  return new RunwrightError('RW_PACKAGE_INVALID', {
    where,
    what: `the manifest has ${size} bytes, of which registries take ${MAX_MANIFEST_SIZE}`,
    hint: 'Pack fewer files: put many small ones into one',
  });
}

export function incompleteManifest(where: string): RunwrightError {
  return new RunwrightError('RW_PACKAGE_INVALID', {
    where,
    what: 'the manifest names a blob that is not in the repository',
    hint: 'Put every blob in before `commit`; if it was there before, the registry has removed it: register again',
  });
}

export function refusedManifest(where: string, status: number, codes: readonly string[]): RunwrightError {
  return new RunwrightError('RW_PACKAGE_INVALID', {
    where,
    what: `the registry does not take the manifest: ${[status, ...codes].join(' ')}`,
    hint: 'Check that the registry takes OCI artifacts, and how large a manifest may be there',
  });
}

export function changedManifest(where: string): RunwrightError {
  return new RunwrightError('RW_REGISTRY_ANSWER', {
    where,
    what: 'the registry has taken the manifest for another one: it names another digest',
    hint: 'Something between here and the registry changes what is sent: look at proxies, then register again',
  });
}
