import { hostLibraries } from '../../schema/hostLibraries';
import { HOST_KEY, HOST_PARAMETER } from '../host/HostTable';
import { packageName } from './packageName';

const GIVEN = ['runwright', 'runwright/onnx', 'runwright/torch', ...Object.keys(hostLibraries)];
// Given to code that Runwright writes; not advertised, because it can change with any version.
const INTERNAL = 'runwright/model-runner';
// Never bundled, whatever the sub-path: the copy of the loading process holds their metadata.
const PACKAGES = new Set(GIVEN.map(packageName));
const HOST = '\0runwright-host';
const PREFIX = '\0from-host:';

/** The id of the virtual module that stands for a module of the host, or for the host itself. */
export function resolveHostModule(specifier: string): string | undefined {
  if (specifier === HOST) return HOST;
  return PACKAGES.has(packageName(specifier)) ? PREFIX + specifier : undefined;
}

/** What the host gives of a package, when it gives something but not this; otherwise `undefined`. */
export function givenInstead(specifier: string): readonly string[] | undefined {
  const name = packageName(specifier);
  if (!PACKAGES.has(name) || specifier === INTERNAL || GIVEN.includes(specifier)) return undefined;
  return GIVEN.filter((given) => packageName(given) === name);
}

/** The source of a virtual module. */
export function loadHostModule(id: string): string | undefined {
  if (id === HOST) return HOST_SOURCE;
  if (!id.startsWith(PREFIX)) return undefined;
  // CommonJS, so that a name that the package lacks (a type imported without `type`) is undefined instead of an error, and
  // so that `import` and `require` get the same object.
  return `const { host } = require(${JSON.stringify(HOST)});\nmodule.exports = host.require(${JSON.stringify(id.slice(PREFIX.length))});\n`;
}

const HOST_SOURCE = `
const id = new URL(import.meta.url).searchParams.get(${JSON.stringify(HOST_PARAMETER)});
export const host = globalThis[Symbol.for(${JSON.stringify(HOST_KEY)})]?.get(id);
if (host === undefined) {
  throw new Error("This module is the code of a Runwright package and gets its libraries from the process that opens it: open the package with Runwright's loadModel, do not import the module itself");
}
`;
