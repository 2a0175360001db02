import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

export interface PublicNames {
  readonly values: readonly string[];
  readonly types: readonly string[];
}

/** The names that the package's root entry exports, read from its source. */
export function publicNames(): PublicNames {
  const file = join(__dirname, '..', '..', 'src', 'index.ts');
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  const specifiers = source.statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement)) return [];
    if (!statement.exportClause || !ts.isNamedExports(statement.exportClause)) {
      throw new Error('src/index.ts exports something without naming it');
    }
    return statement.exportClause.elements.map(({ name, isTypeOnly }) => ({
      name: name.text,
      isType: isTypeOnly || statement.isTypeOnly,
    }));
  });
  return {
    values: specifiers.filter(({ isType }) => !isType).map(({ name }) => name),
    types: specifiers.filter(({ isType }) => isType).map(({ name }) => name),
  };
}
