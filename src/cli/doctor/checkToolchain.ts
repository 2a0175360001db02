import { join } from 'node:path';
import { findPackage } from '../../registrar/findPackage';
import { ok, warning, type Check } from './Check';
import { readJson, versionIn, type Project } from './Project';

/** Tools that leave out the types of decorated members, and say nothing. */
const WITHOUT_METADATA = ['esbuild', 'esbuild-register', 'tsup', 'tsx'];

/** The project's own tools, by whether they emit the types that `design:*` metadata holds. */
export async function checkToolchain(project: Project): Promise<Check[]> {
  const { default: coerce } = await import('semver/functions/coerce.js');
  const found = WITHOUT_METADATA.filter((name) => project.dependencies[name] !== undefined);
  const vite = project.dependencies['vite'];
  if (vite !== undefined) {
    const folder = findPackage('vite', project.directory);
    const version = (folder === undefined ? undefined : versionIn(folder)) ?? vite;
    if ((coerce(version)?.major ?? 8) < 8) found.push(`vite ${version}`);
  }
  const swc = ['@swc/core', '@swc/jest', '@swc-node/register'].filter(
    (name) => project.dependencies[name] !== undefined,
  );
  if (swc.length > 0 && !swcEmits(project.directory))
    found.push(`${swc.join(', ')} (no decoratorMetadata in .swcrc)`);
  if (found.length === 0) return [ok('toolchain', 'nothing that is known to leave metadata out')];
  return [
    warning(
      'toolchain',
      `${found.join(', ')} emits no decorator metadata`,
      'Give every input type, as in @Preprocess({ input: () => Input }); or build with tsc, vite 8 or later, or swc with "decoratorMetadata": true',
    ),
  ];
}

function swcEmits(directory: string): boolean {
  const { jsc } = (readJson(join(directory, '.swcrc')) ?? {}) as {
    jsc?: { transform?: { decoratorMetadata?: unknown } };
  };
  return jsc?.transform?.decoratorMetadata === true;
}
