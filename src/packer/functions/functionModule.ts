/** Where a function comes from: its shipped expression (see `shipFunction`), or the name of an export of the entry. */
export type FunctionSource = { readonly expression: string } | { readonly exportName: string };

export interface FunctionModuleOptions {
  /** What `makeModelRunner` gets beside the functions and types. Plain JSON. */
  readonly parts: Readonly<Record<string, unknown>>;
  /** The user's module, as an import specifier: an absolute path, or a path from the folder of the generated module. */
  readonly entry?: string | undefined;
  readonly preprocess?: FunctionSource | undefined;
  readonly postprocess?: FunctionSource | undefined;
  /** Name of the entry's export that is the input type. */
  readonly input?: string | undefined;
  /** Name of the entry's export that is the output type. */
  readonly output?: string | undefined;
}

/**
 * The text of a module that exports `runner`: a runner class made of a model's signature, and of the user's functions and
 * types. It is bundled like any entry (`BundleOptions.source`), under a name that ends in `.js`: TypeScript would take the
 * comparisons of `[a < b, c > (d)]` for type arguments.
 *
 * @throws TypeError when `parts` is no JSON (a bigint, a cycle), or an export is named and there is no `entry`
 * @example
 * functionModule({ parts: { name: 'digits', signature }, preprocess: { expression: '(x) => x' } });
 */
export function functionModule({ parts, entry, input, output, ...functions }: FunctionModuleOptions): string {
  const imports: string[] = [];
  const declarations: string[] = [];
  // Read back by JSON.parse: in an object literal a key `__proto__` would set the prototype.
  const members = [`...JSON.parse(${JSON.stringify(JSON.stringify(parts))})`];
  // As a string any name of an export can be imported: `default`, a reserved word, one that is no identifier.
  const take = (name: string, local: string) => imports.push(`${JSON.stringify(name)} as ${local}`);
  for (const stage of ['preprocess', 'postprocess'] as const) {
    const source = functions[stage];
    if (source === undefined) continue;
    if ('exportName' in source) take(source.exportName, stage);
    else declarations.push(`const ${stage} = ${source.expression};\n`);
    members.push(stage);
  }
  for (const [member, name, local] of [
    ['input', input, 'Input'],
    ['output', output, 'Output'],
  ] as const) {
    if (name === undefined) continue;
    take(name, local);
    members.push(`${member}: () => ${local}`);
  }
  if (imports.length > 0) {
    if (entry === undefined) throw new TypeError('An export is named, and there is no entry that has it');
    declarations.unshift(`import { ${imports.join(', ')} } from ${JSON.stringify(entry)};\n`);
  }
  return `import { makeModelRunner } from 'runwright/model-runner';
${declarations.join('')}export const runner = makeModelRunner({ ${members.join(', ')} });
`;
}
