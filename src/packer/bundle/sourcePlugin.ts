import { readFile } from 'node:fs/promises';
import type { Plugin } from 'rolldown';
import { loadExternalModule } from './externalModules';
import { findFileReads, MAY_LOAD_COMPUTED, MAY_READ_FILES, type FileRead } from './findFileReads';
import { loadHostModule } from './hostModules';
import { fileOf } from './moduleId';
import type { OwnModules } from './OwnModules';
import type { SyntaxNode } from './walkSyntax';
import { MAY_GUARD_MAIN, withoutMainGuards } from './withoutMainGuards';

export interface ModuleReads {
  readonly source: string;
  readonly reads: readonly FileRead[];
}

/** Gives the source of virtual modules, and notes by id what each module reads beside itself. */
export function sourcePlugin(
  given: (file: string) => string | undefined,
  parse: (file: string, source: string) => SyntaxNode,
  own: OwnModules,
  found: Map<string, ModuleReads>,
): Plugin {
  return {
    name: 'runwright-source',
    async load(id) {
      const virtual = loadHostModule(id) ?? loadExternalModule(id);
      if (virtual !== undefined) return { code: virtual, moduleType: 'js' };
      const file = fileOf(id);
      return given(file) ?? (file === id ? null : await readFile(file, 'utf8'));
    },
    transform(source, id, { moduleType }) {
      if (id.startsWith('\0') || !/^[jt]sx?$/.test(moduleType)) return null;
      const isOwn = own.has(id);
      const guards = isOwn && MAY_GUARD_MAIN.test(source);
      if (!guards && !MAY_READ_FILES.test(source) && !(isOwn && MAY_LOAD_COMPUTED.test(source))) return null;
      const program = parse(fileOf(id), source);
      const reads = findFileReads(program, source).filter(({ kind }) => isOwn || kind !== 'computed');
      if (reads.length > 0) found.set(id, { source, reads });
      return guards ? withoutMainGuards(program, source) : null;
    },
  };
}
