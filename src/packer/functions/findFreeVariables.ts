import { ancestryOf, type SyntaxNode } from '../bundle/walkSyntax';

export interface FreeVariable {
  readonly name: string;
  /** The variable, or the member of it that is used: `node_path_1.join`. */
  readonly shown: string;
  /** UTF-16 offset. */
  readonly offset: number;
  /** The function assigns to it. */
  readonly written: boolean;
}

/** Its types lean on those of eslint 9. */
interface Reference {
  readonly identifier: SyntaxNode & { readonly name: string };
  isWrite(): boolean;
}

/** Every use of a variable that the program does not declare, globals included, in the order of the text. */
export async function findFreeVariables(program: SyntaxNode): Promise<readonly FreeVariable[]> {
  const { analyze } = await import('eslint-scope');
  const members = new Map<unknown, string>();
  for (const [node] of ancestryOf(program)) {
    if (node === undefined) continue;
    // The scopes are told apart by it, and the parser does not set it.
    Object.assign(node, { range: [node.start, node.end] });
    const { name } = (node.property ?? {}) as { name?: string };
    if (node.type === 'MemberExpression' && node.computed === false && name !== undefined)
      members.set(node.object, name);
  }
  const { globalScope } = analyze(program as never, {
    ecmaVersion: 2022,
    sourceType: 'module',
    ignoreEval: true,
    fallback: 'iteration',
  });
  const through = globalScope.through as unknown as readonly Reference[];
  const variables = through.map((reference) => {
    const { name, start } = reference.identifier;
    const member = members.get(reference.identifier);
    return {
      name,
      shown: member === undefined ? name : `${name}.${member}`,
      offset: start,
      written: reference.isWrite(),
    };
  });
  return variables.sort((a, b) => a.offset - b.offset);
}
