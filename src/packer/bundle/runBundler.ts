import { dirname } from 'node:path';
import type { OutputChunk } from 'rolldown';
import type { BundleWarning, NativePackage } from './Bundle';
import { buildFaults, type BuildFault } from './buildProblem';
import type { BundleProblem } from './BundleProblem';
import { InstalledPackages } from './InstalledPackages';
import { judgeReads } from './judgeReads';
import { Outside } from './Outside';
import { OwnModules } from './OwnModules';
import type { PathAliases } from './pathAliases';
import { resolvePlugin } from './resolvePlugin';
import { sourcePlugin, type ModuleReads } from './sourcePlugin';
import type { SyntaxNode } from './walkSyntax';

export interface BundlerInput {
  /** A real path. */
  readonly entry: string;
  /** The text of the entry, where it is not that of a file. */
  readonly source: string | undefined;
  readonly requirements: ReadonlySet<string>;
  readonly aliases: PathAliases;
  /** Names that a module does not export become undefined. */
  readonly shimMissingExports: boolean;
}

export interface BundlerRun {
  /** `undefined` when the bundler failed. */
  readonly code: string | undefined;
  /** Why it failed. */
  readonly faults: readonly BuildFault[];
  /** What Runwright refuses although the bundler took it. */
  readonly problems: readonly BundleProblem[];
  readonly warnings: readonly BundleWarning[];
  readonly natives: readonly NativePackage[];
  readonly externals: readonly string[];
  /** What the bundler threw. */
  readonly cause?: unknown;
}

/** Runs the bundler once, with nothing shared between runs. */
export async function runBundler(input: BundlerInput): Promise<BundlerRun> {
  const { entry, source } = input;
  const [{ build }, { parseSync }] = await Promise.all([import('rolldown'), import('rolldown/utils')]);
  const packages = new InstalledPackages();
  const own = new OwnModules(packages.packageOf(entry)?.directory ?? dirname(entry));
  const outside = new Outside();
  const found = new Map<string, ModuleReads>();
  const parse = (file: string, source: string) => parseSync(file, source).program as unknown as SyntaxNode;
  const given = (file: string) => (file === entry ? source : undefined);
  let faults: readonly BuildFault[] = [];
  let cause: unknown;
  let chunk: OutputChunk | undefined;
  try {
    const { output } = await build({
      input: { index: entry },
      cwd: dirname(entry),
      write: false,
      platform: 'node',
      // All that the user's tsconfig could change is set here, so that it changes nothing.
      tsconfig: false,
      transform: {
        target: 'node20',
        decorator: { legacy: true, emitDecoratorMetadata: true },
        // Both together are `useDefineForClassFields: false`: an undecorated field must not become an own property.
        assumptions: { setPublicClassFields: true },
        typescript: { removeClassFieldsWithoutInitializer: true },
      },
      shimMissingExports: input.shimMissingExports,
      // Comments with paths would show where the project lies.
      experimental: { attachDebugInfo: 'none' },
      output: {
        format: 'esm',
        codeSplitting: false,
        keepNames: true,
        sourcemap: false,
        comments: { legal: true, annotation: true, jsdoc: false },
      },
      // What the bundler says beside errors is noise here, and a library does not write to the console.
      logLevel: 'silent',
      plugins: [
        resolvePlugin({ ...input, packages, own, outside, given, parse }),
        sourcePlugin(given, parse, own, found),
      ],
    });
    chunk = output[0];
  } catch (error) {
    cause = error;
    faults = buildFaults(error);
  }
  // What was left out as unused can read what it likes.
  const modules = chunk?.modules ?? {};
  const kept = new Map([...found].filter(([id]) => (modules[id]?.renderedLength ?? 0) > 0));
  const reads = judgeReads(kept, own, packages);
  return {
    code: chunk?.code,
    faults,
    problems: [...outside.problems, ...reads.problems],
    warnings: [...outside.warnings, ...reads.warnings],
    natives: outside.natives,
    externals: outside.externals,
    cause,
  };
}
