import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';

/** Says at the end by name what was skipped, and why: a skipped suite must not look like one that passed. */
export default class SkippedReporter implements Reporter {
  private isFiltered = false;

  onInit({ config }: Vitest): void {
    this.isFiltered = config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    // All that a name pattern leaves out counts as skipped.
    if (this.isFiltered) return;
    const counts = new Map<string, number>();
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const name = `[${module.project.name}] ${suiteOf(test)}${noteOf(test)}`;
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
    }
    if (counts.size === 0) return;
    const lines = [...counts].map(([name, count]) => `  ${name}: ${count} ${count === 1 ? 'test' : 'tests'}`);
    process.stdout.write(`Skipped:\n${lines.join('\n')}\n\n`);
  }
}

function suiteOf(test: TestCase): string {
  const { parent } = test;
  return parent.type === 'suite' ? parent.fullName : test.fullName;
}

function noteOf(test: TestCase): string {
  const result = test.result();
  return result.state === 'skipped' && result.note !== undefined ? ` (${result.note})` : '';
}
