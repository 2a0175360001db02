import { relative } from 'node:path';
import { failed, ok, warning, type Check } from './Check';
import { versionIn, type Project } from './Project';
import { findPackage } from '../../registrar/findPackage';

const SINCE_ES2022 = /^(?:es20(?:2[2-9]|[3-9]\d)|esnext)$/i;
const IMPLIES_ES2022 = /^(?:node16|node18|node20|nodenext)$/i;

/**
 * The compiler options that decorators depend on, in the nearest tsconfig.json with what it extends. Packages are bundled
 * with the right ones in any case: this is about the project's own builds and tests.
 */
export async function checkTsconfig({ directory }: Project, from: string): Promise<Check[]> {
  const { findTsconfig, parseTsconfig } = await import('get-tsconfig');
  const file = findTsconfig(from);
  if (file === undefined) {
    return [
      warning(
        'tsconfig',
        'there is no tsconfig.json here or above',
        'For TypeScript, make one with "experimentalDecorators": true and "emitDecoratorMetadata": true; JavaScript needs none',
      ),
    ];
  }
  let options: Readonly<Record<string, unknown>>;
  try {
    options = parseTsconfig(file).compilerOptions ?? {};
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [
      failed('tsconfig', `${file} cannot be read (${reason})`, 'Correct it, or install what it extends'),
    ];
  }
  return [
    ok('tsconfig', relative(from, file)),
    checkDecorators(options),
    checkMetadata(options),
    checkFields(options, compilerVersion(directory)),
    checkIsolated(options),
  ];
}

function checkDecorators({ experimentalDecorators }: Readonly<Record<string, unknown>>): Check {
  const name = 'experimentalDecorators';
  if (experimentalDecorators === true) return ok(name, 'true');
  return failed(
    name,
    shown(experimentalDecorators),
    'Set "experimentalDecorators": true in compilerOptions: without it decorators are called in a way that class-validator does not know',
  );
}

function checkMetadata({ emitDecoratorMetadata }: Readonly<Record<string, unknown>>): Check {
  const name = 'emitDecoratorMetadata';
  if (emitDecoratorMetadata === true) return ok(name, 'true');
  return warning(
    name,
    shown(emitDecoratorMetadata),
    'Set "emitDecoratorMetadata": true in compilerOptions, or give every input type: @Preprocess({ input: () => Input })',
  );
}

function checkFields(options: Readonly<Record<string, unknown>>, compiler: number | undefined): Check {
  const name = 'useDefineForClassFields';
  const given = options['useDefineForClassFields'];
  const defines = typeof given === 'boolean' ? given : definesByDefault(options, compiler);
  const found = typeof given === 'boolean' ? shown(given) : `not set, which means ${defines} for this target`;
  if (!defines) return ok(name, found);
  return warning(
    name,
    found,
    'Set "useDefineForClassFields": false in compilerOptions: otherwise a field without a decorator makes valid input be refused',
  );
}

/** As the compiler does it: by the target, which newer modules and newer compilers raise. */
function definesByDefault(
  { target, module }: Readonly<Record<string, unknown>>,
  compiler: number | undefined,
): boolean {
  if (typeof target === 'string') return SINCE_ES2022.test(target);
  return (typeof module === 'string' && IMPLIES_ES2022.test(module)) || (compiler ?? 0) >= 6;
}

function checkIsolated({ isolatedModules, verbatimModuleSyntax }: Readonly<Record<string, unknown>>): Check {
  const name = 'isolatedModules';
  if (isolatedModules !== true && verbatimModuleSyntax !== true) return ok(name, shown(isolatedModules));
  return ok(
    name,
    'true: import interfaces of decorated signatures with `import type`, and DTO classes without',
  );
}

function compilerVersion(directory: string): number | undefined {
  const folder = findPackage('typescript', directory);
  const version = folder === undefined ? undefined : versionIn(folder);
  return version === undefined ? undefined : Number.parseInt(version, 10);
}

function shown(value: unknown): string {
  return typeof value === 'boolean' ? String(value) : 'not set';
}
