import type { SyntaxNode } from '../bundle/walkSyntax';

export type ParseText = (text: string) => {
  readonly program: SyntaxNode;
  readonly errors: readonly { readonly message: string; readonly offset: number }[];
};

/**
 * An expression that has the function as its value; or, where the source cannot be one, why: a part of a sentence with the
 * function as its subject.
 *
 * @param source what `Function.prototype.toString` gives: an arrow, a function, or a method without its object
 * @param name the name of the function
 */
export function functionExpression(
  source: string,
  name: string,
  parse: ParseText,
): { readonly expression: string } | { readonly fault: string } {
  const whole = only(parse(`(${source})`).program);
  if (whole?.type === 'ClassExpression') return { fault: 'is a class, which cannot be called' };
  if (whole?.type === 'FunctionExpression' || whole?.type === 'ArrowFunctionExpression')
    return whole.generator === true ? { fault: GENERATOR } : { expression: `(${source})` };

  // A method of a class can have a name that one of an object cannot, such as `#name`.
  const before = '(class {';
  const body = only(parse(`${before}${source}})`).program)?.body as
    { body: readonly SyntaxNode[] } | undefined;
  const [method, ...others] = body?.body ?? [];
  const value = method?.value as SyntaxNode | undefined;
  if (method?.type !== 'MethodDefinition' || value === undefined || others.length > 0)
    return { fault: 'has a source that is not one of a function' };
  if (method.kind === 'get' || method.kind === 'set')
    return { fault: `is the ${method.kind}ter of a property` };
  if (value.generator === true) return { fault: GENERATOR };
  // Its key may be computed from what is not here.
  const key = JSON.stringify(name);
  const rest = source.slice(value.start - before.length);
  return { expression: `({ ${value.async === true ? 'async ' : ''}${key}${rest} })[${key}]` };
}

const GENERATOR = 'is a generator, and what it gives is used as it is: return the value instead';

/** The expression that is all of a program. */
function only({ body }: SyntaxNode): SyntaxNode | undefined {
  const [statement, ...others] = body as readonly SyntaxNode[];
  return others.length === 0 ? (statement?.expression as SyntaxNode | undefined) : undefined;
}
