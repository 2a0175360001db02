import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram, type ProgramResult } from './runProgram';

const tsc = join(__dirname, '..', '..', 'node_modules', 'typescript', 'bin', 'tsc');

/** Options of a strict project that also checks the types of what it has installed. */
const STRICT = {
  target: 'es2022',
  lib: ['es2022'],
  types: ['node'],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  // TypeScript's own libraries are not ours to check.
  skipDefaultLibCheck: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  useDefineForClassFields: false,
  outDir: 'out',
};

/** Runs tsc on some files of a folder; its output goes to `out` there. */
export function compile(
  folder: string,
  files: readonly string[],
  compilerOptions: Readonly<Record<string, unknown>>,
): Promise<ProgramResult> {
  writeTsconfig(folder, files, compilerOptions);
  return runProgram(process.execPath, [tsc, '-p', '.'], { cwd: folder });
}

export function writeTsconfig(
  folder: string,
  files: readonly string[],
  compilerOptions: Readonly<Record<string, unknown>>,
): void {
  const options = { ...STRICT, ...compilerOptions };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files }));
}
