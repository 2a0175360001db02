import { isBuiltin } from 'node:module';
import { extname } from 'node:path';
import type { Plugin } from 'rolldown';
import { externalModule, isExternalModule } from './externalModules';
import type { BundleProblem } from './BundleProblem';
import { givenInstead, resolveHostModule } from './hostModules';
import { importPlace } from './importPlace';
import type { InstalledPackage, InstalledPackages } from './InstalledPackages';
import { location } from './location';
import { nativeReason } from './nativeReason';
import type { Outside } from './Outside';
import { fileOf, moduleId } from './moduleId';
import type { OwnModules } from './OwnModules';
import { isOptionalIn } from './isOptionalIn';
import { packageName } from './packageName';
import type { PathAliases } from './pathAliases';
import { typeScriptSources } from './typeScriptSources';
import { unresolvedImport } from './unresolvedImport';
import type { SyntaxNode } from './walkSyntax';

const AND = new Intl.ListFormat('en', { type: 'conjunction' });

export interface ResolveOptions {
  readonly requirements: ReadonlySet<string>;
  readonly aliases: PathAliases;
  readonly packages: InstalledPackages;
  readonly own: OwnModules;
  readonly outside: Outside;
  /** The text of a module that is not a file. */
  readonly given: (file: string) => string | undefined;
  readonly parse: (file: string, source: string) => SyntaxNode;
}

/** Decides for every import whether it is bundled, given by the host, or left outside. */
export function resolvePlugin({
  requirements,
  aliases,
  packages,
  own,
  outside,
  given,
  parse,
}: ResolveOptions): Plugin {
  const reasons = new Map<string, string | undefined>();
  const nativeReasonOf = (target: InstalledPackage): string | undefined => {
    if (!reasons.has(target.directory)) reasons.set(target.directory, nativeReason(target));
    return reasons.get(target.directory);
  };
  const refuse = (importer: string, what: string, hint: string): void =>
    void outside.problems.push({ code: 'RW_BUNDLE_FAILED', where: location(fileOf(importer)), what, hint });
  const leaveOutside = (specifier: string, file?: string) =>
    file !== undefined && packages.isCommonJs(file)
      ? externalModule(specifier)
      : { id: specifier, external: true };

  return {
    name: 'runwright-resolve',
    async resolveId(specifier, importer, { kind, isEntry }) {
      const resolve = (id: string) => this.resolve(id, importer, { kind, isEntry, skipSelf: true });
      const bundled = (found: NonNullable<Awaited<ReturnType<typeof resolve>>>) =>
        own.has(found.id) ? { ...found, id: moduleId(found.id) } : found;
      if (importer === undefined) {
        if (given(specifier) !== undefined) return moduleId(specifier);
        const entry = await resolve(specifier);
        return entry === null ? null : bundled(entry);
      }

      const host = resolveHostModule(specifier);
      if (host !== undefined) {
        const instead = givenInstead(specifier);
        // A dependency that requires it may never get there, and copes where it fails.
        if (instead !== undefined && (own.has(importer) || kind === 'import-statement')) {
          const where = importPlace(fileOf(importer), specifier, { given, parse });
          if (where !== undefined) outside.problems.push(notGiven(where, specifier, instead));
        }
        return host;
      }
      if (isExternalModule(importer) || isBuiltin(specifier)) return leaveOutside(specifier);
      if (/^(?:https?|file):/.test(specifier)) {
        refuse(
          importer,
          `the URL "${specifier}" cannot be imported`,
          'Import a package by its name, or a file by its path',
        );
        return leaveOutside(specifier);
      }
      const name = packageName(specifier);
      if (name !== undefined && requirements.has(name)) {
        outside.addRequirement(name);
        return leaveOutside(specifier, (await resolve(specifier))?.id);
      }

      const byOwn = own.has(importer);
      const parent = byOwn ? undefined : packages.packageOf(importer);
      let found: Awaited<ReturnType<typeof resolve>> = null;
      if (byOwn) {
        const aliased = /^[./#]/.test(specifier) ? [] : aliases.candidates(specifier);
        const places = aliased.flatMap((path) => [...typeScriptSources(path, importer), path]);
        if (/^[./]/.test(specifier)) places.push(...typeScriptSources(specifier, importer));
        for (const place of places) found ??= await resolve(place);
      }
      found ??= await resolve(specifier);
      const optional = parent !== undefined && name !== undefined && isOptionalIn(parent, name);
      if (found === null) {
        const fault = optional
          ? undefined
          : unresolvedImport({ specifier, importer: fileOf(importer), own: byOwn }, { given, parse });
        // The bundler leaves what a module copes without as it is. What is a fault counts as found, so that the others
        // are found too.
        if (fault === undefined) return null;
        outside.problems.push(fault);
        return leaveOutside(specifier);
      }
      if (found.external !== false) return found;

      const target = own.has(found.id) ? undefined : packages.packageOf(found.id);
      const reason = name === undefined || target === undefined ? undefined : nativeReasonOf(target);
      if (name !== undefined && target !== undefined && reason !== undefined) {
        if (optional) outside.addOptionalNative(name, parent, reason);
        else outside.addNative(name, target, reason);
        return leaveOutside(specifier, found.id);
      }
      if (/\.(?:node|css|wasm)$/.test(found.id)) {
        const hint =
          target?.json.name === undefined
            ? 'Declare the file as an artifact and read it in @Load, or put it into a package that is installed as a requirement'
            : `Declare "${target.json.name}" as a requirement: then it is installed instead of bundled`;
        refuse(importer, `a ${extname(found.id)} file cannot be bundled: ${location(found.id)}`, hint);
        return leaveOutside(specifier);
      }
      return bundled(found);
    },
  };
}

function notGiven(where: string, specifier: string, given: readonly string[]): BundleProblem {
  return {
    code: 'RW_BUNDLE_FAILED',
    where,
    what: `"${specifier}" cannot be imported by the code of a package`,
    hint: `Whoever loads a package gives it ${AND.format(given.map((name) => `"${name}"`))} alone: import that, or move what needs more into a module that the entry does not import`,
  };
}
