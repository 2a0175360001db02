import { RunwrightError } from '../errors/RunwrightError';
import type { Constructor } from '../metadata/Constructor';
import { readRunner } from '../metadata/runnerMetadata';
import { readStage } from '../metadata/stageMetadata';
import { STAGES } from '../metadata/stages';

export interface RunnerExport {
  readonly exportName: string;
  readonly runnerClass: Constructor;
}

export interface RunnerWanted {
  /** Name of the export; decides when given. */
  readonly exportName?: string | undefined;
  /** Name of the runner, as `@Runner` gives it, or the class's. */
  readonly runnerName?: string | undefined;
}

/**
 * The runner class among a module's exports.
 *
 * @param entry for messages
 * @throws RunwrightError RW_ENTRY_INVALID when none or more than one qualifies
 */
export function findRunnerExport(
  namespace: Readonly<Record<string, unknown>>,
  { exportName, runnerName }: RunnerWanted,
  entry: string,
): RunnerExport {
  const runners = Object.entries(namespace).flatMap(([name, value]) =>
    typeof value === 'function' && readRunner(value)
      ? [{ exportName: name, runnerClass: value as Constructor }]
      : [],
  );
  const names = runners.map((runner) => runner.exportName).join(', ') || 'none';
  const refuse = (what: string, hint: string): RunwrightError =>
    new RunwrightError('RW_ENTRY_INVALID', {
      where: entry,
      what: `${what} (exported runners: ${names})`,
      hint,
    });

  if (exportName !== undefined) {
    const named = runners.find((runner) => runner.exportName === exportName);
    if (named) return named;
    const what = Object.hasOwn(namespace, exportName)
      ? `its export "${exportName}" is not a class with @Runner()`
      : `it has no export "${exportName}"`;
    const hint = hasStages(namespace[exportName])
      ? 'Put @Runner() on the class, which has stages'
      : 'Export the runner class from the entry under that name';
    throw refuse(what, hint);
  }
  const fitting = runners.filter(
    ({ runnerClass }) => runnerName === undefined || nameOf(runnerClass) === runnerName,
  );
  // `export default X` beside `export class X` is one runner with two names.
  const distinct = fitting.filter(
    ({ runnerClass }, at) => fitting.findIndex((other) => other.runnerClass === runnerClass) === at,
  );
  const [only, ...more] = distinct;
  const wanted = runnerName === undefined ? 'a runner class' : `the runner "${runnerName}"`;
  if (!only) {
    const unmarked =
      runners.length > 0 ? undefined : Object.keys(namespace).find((name) => hasStages(namespace[name]));
    if (unmarked === undefined)
      throw refuse(`it does not export ${wanted}`, 'Write `export` before the class that has @Runner()');
    throw refuse(
      `its export "${unmarked}" has stages and no @Runner()`,
      `Put @Runner() on the class; or, if it only serves as a parent, write \`export\` before the class that has @Runner()`,
    );
  }
  if (more.length > 0) {
    throw refuse(`more than one of its exports is ${wanted}`, 'Say which one with `exportName`');
  }
  return only;
}

function nameOf(runnerClass: Constructor): string {
  return readRunner(runnerClass)?.name ?? runnerClass.name;
}

function hasStages(value: unknown): boolean {
  return typeof value === 'function' && STAGES.some((stage) => readStage(value, stage).length > 0);
}
