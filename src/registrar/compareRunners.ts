import { canonicalJson } from '../artifact/canonicalJson';
import { RunwrightError } from '../errors/RunwrightError';
import type { ManifestRunner, ManifestType } from '../packer/manifest/RunnerManifest';

/**
 * Refuses packed code that is not the class that was given: another module, an older build, a toolchain that changed it.
 * Types that a class does not name itself are left out, since compilers differ in what they emit.
 *
 * @throws RunwrightError RW_PACKAGE_CHECK_FAILED naming what differs
 */
export function compareRunners(given: ManifestRunner, packed: ManifestRunner, entry: string): void {
  const differing = [
    ...differ('its name', given.name, packed.name),
    ...differ('its stages', given.stages, packed.stages),
    ...differ('its batch option', given.batch, packed.batch),
    ...differ('its streaming', given.stream, packed.stream),
    ...differ('its input type', explicit(given.input), explicit(packed.input)),
    ...differ('its output type', explicit(given.output), explicit(packed.output)),
  ];
  if (differing.length === 0) return;
  throw new RunwrightError('RW_PACKAGE_CHECK_FAILED', {
    where: entry,
    what: `the entry's ${packed.className} is not the class that was given: ${differing.join('; ')}`,
    hint: 'Pass the module that this very class comes from as `entry`; build it again if it is compiled',
  });
}

// Not the whole JSON Schema: a property without a rule on its type shows the emitted type, where there is one.
function explicit({ explicit: isExplicit, type, schema }: ManifestType): unknown {
  return isExplicit ? { type, properties: Object.keys(schema['properties'] ?? {}).sort() } : null;
}

function differ(what: string, given: unknown, packed: unknown): string[] {
  const [here, there] = [given, packed].map((value) => canonicalJson(value).toString());
  return here === there
    ? []
    : [`${what} is ${shorten(here)} in the program and ${shorten(there)} in the entry`];
}

function shorten(text = ''): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
