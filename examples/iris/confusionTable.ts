/** How often each true class was taken for each class, as text: a row for each true one. */
export function confusionTable(
  classes: readonly string[],
  answers: readonly { readonly expected: string; readonly predicted: string }[],
): string {
  const width = Math.max(...classes.map((name) => name.length)) + 2;
  const count = (expected: string, predicted: string): number =>
    answers.filter((answer) => answer.expected === expected && answer.predicted === predicted).length;
  const header = ['true \\ predicted', ...classes];
  const rows = classes.map((expected) => [
    expected,
    ...classes.map((predicted) => String(count(expected, predicted))),
  ]);
  return [header, ...rows]
    .map(([name = '', ...cells]) => name.padEnd(18) + cells.map((cell) => cell.padStart(width)).join(''))
    .join('\n');
}
