/** Names of options in a program, as they are called on the command line. */
const FLAGS: ReadonlyMap<string, string> = new Map([
  ['registry', '--registry'],
  ['organization', '--organization'],
  ['organizationName', '--organization'],
  ['repositoryName', '--repository'],
  ['modelNumber', '--model-number'],
  ['modelInstance', '--model'],
  ['model', '--model'],
  ['modelExport', '--model'],
  ['exportName', '--class'],
  ['artifacts', '--artifact'],
  ['requirements', '--requirement'],
  ['allowScripts', '--allow-scripts'],
  ['execution', '--execution'],
  ['workers', '--workers'],
  ['threads', '--threads'],
  ['memoryLimit', '--memory-limit'],
  ['deadlineGrace', '--deadline-grace'],
  ['warmUp', '--warm-up'],
  ['queue', '--queue'],
  ['bodyLimit', '--body-limit'],
  ['fileLimit', '--file-limit'],
  ['limit', '--limit'],
  ['after', '--after'],
]);

/** The flag that an error's `where` is about, if it is about one. */
export function flagOf(where: string | undefined): string | undefined {
  if (where === undefined) return undefined;
  if (where.startsWith('--')) return where;
  return FLAGS.get(/, option `(\w+)`$/.exec(where)?.[1] ?? where);
}

/** A sentence that was written for programs, in the terms of the command line. */
export function inFlagTerms(text: string): string {
  return text
    .replace(/`(\w+)`/g, (quoted, name: string) => FLAGS.get(name) ?? quoted)
    .replace('in `issues`', 'above')
    .replace(/\blistModels\b/g, '`runwright list`');
}
