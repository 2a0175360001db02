import { join } from 'node:path';
import { packageRoot } from '../../artifact/packageRoot';
import { optionalPeers, requiredPeers } from '../../artifact/peerLibraries';
import { findPackage } from '../../registrar/findPackage';
import { failed, ok, warning, type Check } from './Check';
import { readJson, versionIn, type Project } from './Project';

/** Runwright and the libraries that hold the metadata: there, in range, and one copy of each. */
export async function checkLibraries(project: Project): Promise<Check[]> {
  const { path, packageJson } = packageRoot();
  const own = project.name === 'runwright' ? project.directory : findPackage('runwright', project.directory);
  const checks = [checkRunwright(own, path, packageJson.version)];
  for (const [name, range] of Object.entries(requiredPeers())) {
    checks.push(await checkPeer(name, range, project, path));
  }
  for (const [name, range] of Object.entries(optionalPeers())) {
    checks.push(await checkOptional(name, range, project));
  }
  return checks;
}

/** One that only some projects need. */
async function checkOptional(name: string, range: string, { directory }: Project): Promise<Check> {
  const { default: satisfies } = await import('semver/functions/satisfies.js');
  const folder = findPackage(name, directory);
  const version = folder === undefined ? undefined : versionIn(folder);
  if (version === undefined) return ok(name, 'not installed; only ONNX models need it');
  if (satisfies(version, range)) return ok(name, version);
  return warning(name, `${version}, and ${range} is needed`, `Run \`npm install ${name}@"${range}"\``);
}

function checkRunwright(installed: string | undefined, running: string, version: string): Check {
  const name = 'runwright';
  if (installed === undefined) {
    return warning(name, `not installed in this project (${version} runs)`, 'Run `npm install runwright`');
  }
  if (installed === running) return ok(name, version);
  return warning(
    name,
    `the command is ${version} from ${running}, the project has ${versionIn(installed) ?? 'none'}`,
    'Run the one of the project: `npx runwright`',
  );
}

async function checkPeer(name: string, range: string, project: Project, running: string): Promise<Check> {
  const { default: satisfies } = await import('semver/functions/satisfies.js');
  const folder = findPackage(name, project.directory);
  const version = folder === undefined ? undefined : versionIn(folder);
  const install = `Run \`npm install ${name}@"${range}"\``;
  if (folder === undefined || version === undefined) return failed(name, 'not installed', install);
  if (!satisfies(version, range)) return failed(name, `${version}, and ${range} is needed`, install);
  const ofRunwright = findPackage(name, running);
  if (ofRunwright !== undefined && ofRunwright !== folder) {
    return failed(
      name,
      `two copies: the project's in ${folder}, Runwright's in ${ofRunwright}`,
      'Run `npm dedupe`: decorators that one copy has seen are unknown to the other',
    );
  }
  const others = copiesOf(name, project.directory).filter((place) => place !== `node_modules/${name}`);
  if (others.length > 0) {
    const places = others.map((place) => place.slice(0, -`/node_modules/${name}`.length)).join(', ');
    return warning(
      name,
      `${version}, and another copy inside ${places}`,
      'Run `npm dedupe`: classes of those packages cannot be used as input or output',
    );
  }
  return ok(name, version);
}

/** From what npm has written down of its last installation; nothing where something else installs. */
function copiesOf(name: string, directory: string): string[] {
  const packages = readJson(join(directory, 'node_modules', '.package-lock.json'))?.['packages'];
  return Object.keys(packages ?? {}).filter((place) => place.endsWith(`node_modules/${name}`));
}
