import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** What tsc emits for files of a folder as ES modules, beside them, whatever it would say of their types. */
export function transpile(
  folder: string,
  files: readonly string[],
  { experimentalDecorators }: { experimentalDecorators: boolean },
): void {
  const compilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    experimentalDecorators,
    useDefineForClassFields: false,
  };
  for (const file of files) {
    const { outputText } = ts.transpileModule(readFileSync(join(folder, file), 'utf8'), { compilerOptions });
    writeFileSync(join(folder, file.replace(/\.ts$/, '.js')), outputText);
  }
}
