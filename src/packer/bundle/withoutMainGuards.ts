import { ancestryOf, type SyntaxNode } from './walkSyntax';

export const MAY_GUARD_MAIN = /\brequire\s*\.\s*main\b/;

/**
 * Replaces `require.main === module` by `false`: a bundle is never the main module, and an ES module has no `module`.
 * Offsets stay as they are.
 */
export function withoutMainGuards(program: SyntaxNode, source: string): string {
  let result = source;
  for (const [node] of ancestryOf(program)) {
    if (node?.type !== 'BinaryExpression' || !/^[!=]==?$/.test(String(node.operator))) continue;
    const sides = [node.left, node.right].map((side) =>
      source.slice((side as SyntaxNode).start, (side as SyntaxNode).end),
    );
    if (!sides.includes('require.main') || !sides.includes('module')) continue;
    const value = String(node.operator).startsWith('!') ? 'true' : 'false';
    result = result.slice(0, node.start) + value.padEnd(node.end - node.start) + result.slice(node.end);
  }
  return result;
}
