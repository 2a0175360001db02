import { readFile } from 'node:fs/promises';

/** An import of a name that the imported module does not export once it is compiled. */
export interface MissingExport {
  readonly importer: string;
  /** UTF-16 offset of the name in the importer's source. */
  readonly offset: number;
  readonly exporter: string;
}

/**
 * True when the missing name is a type, imported without `type`, that only survives compilation because emitted decorator
 * metadata mentions it; false for a value that is really missing.
 */
export async function isTypeOnlyImport({ importer, offset, exporter }: MissingExport): Promise<boolean> {
  if (!isTypeScript(importer)) return false;
  const { parseSync, transformSync } = await import('rolldown/utils');
  const source = await readFile(importer, 'utf8');
  const { staticImports, staticExports } = parseSync(importer, source).module;
  const covers = (span: { start: number | null; end: number | null }): boolean =>
    span.start !== null && span.end !== null && span.start <= offset && offset <= span.end;

  const imported = staticImports
    .flatMap(({ entries }) => entries)
    .find((entry) => covers(entry.importName) || covers(entry.localName));
  if (imported !== undefined) {
    // Without metadata the compiler keeps an import only for its value.
    const { code } = transformSync(importer, source, { tsconfig: false, decorator: { legacy: true } });
    const kept = parseSync('kept.js', code).module.staticImports.flatMap(({ entries }) => entries);
    if (kept.every(({ localName }) => localName.value !== imported.localName.value)) return true;
  }
  const reexported = staticExports
    .flatMap(({ entries }) => entries)
    .find((entry) => covers(entry.importName));
  const name = imported?.importName.name ?? reexported?.importName.name;
  return typeof name === 'string' && isTypeScript(exporter) && (await exportsInSource(exporter, name));
}

/** The source exports a name that the compiled module does not: then it is a type. */
async function exportsInSource(file: string, name: string): Promise<boolean> {
  const { parseSync } = await import('rolldown/utils');
  const { staticExports } = parseSync(file, await readFile(file, 'utf8')).module;
  return staticExports.some(({ entries }) => entries.some(({ exportName }) => exportName.name === name));
}

function isTypeScript(file: string): boolean {
  return /\.[cm]?tsx?$/.test(file);
}
