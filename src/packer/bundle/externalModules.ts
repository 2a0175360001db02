const PREFIX = '\0external:';

/**
 * The id of the virtual module that stands for a CommonJS package that stays outside: a plain `import { X }` of it would
 * fail to link when `X` is a type, and here it is undefined.
 */
export function externalModule(specifier: string): string {
  return PREFIX + specifier;
}

export function isExternalModule(id: string): boolean {
  return id.startsWith(PREFIX);
}

export function loadExternalModule(id: string): string | undefined {
  return isExternalModule(id)
    ? `module.exports = require(${JSON.stringify(id.slice(PREFIX.length))});\n`
    : undefined;
}
