import { HOST_KEY, HOST_PARAMETER } from '../host/HostTable';

const NAMES = /^(?:runwright|reflect-metadata|class-validator|class-transformer)(?:\/|$)/;
const HOST = '\0runwright-host';
const PREFIX = '\0from-host:';

/** True for packages that are never bundled, because the copy of the loading process holds their metadata. */
export function isHostSpecifier(specifier: string): boolean {
  return NAMES.test(specifier);
}

/** The id of the virtual module that stands for a package of the host, or for the host itself. */
export function resolveHostModule(specifier: string): string | undefined {
  if (specifier === HOST) return HOST;
  return isHostSpecifier(specifier) ? PREFIX + specifier : undefined;
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
