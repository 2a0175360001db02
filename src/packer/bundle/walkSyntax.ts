/** A node of an ESTree, as the parser gives it. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [member: string]: unknown;
}

/** Every node below `root`, in source order, each as the list of itself, its parent, and so on up to the root. */
export function* ancestryOf(
  root: SyntaxNode,
  parents: readonly SyntaxNode[] = [],
): Generator<readonly SyntaxNode[]> {
  const path = [root, ...parents];
  yield path;
  for (const member of Object.values(root)) {
    for (const child of Array.isArray(member) ? (member as unknown[]) : [member]) {
      if (isNode(child)) yield* ancestryOf(child, path);
    }
  }
}

function isNode(value: unknown): value is SyntaxNode {
  return (
    typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
  );
}
