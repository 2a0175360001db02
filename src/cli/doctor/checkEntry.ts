import { RunwrightError } from '../../errors/RunwrightError';
import type { BundleWarning } from '../../packer/bundle/Bundle';
import { withEntry } from '../../registrar/withEntry';
import type { EntryOptions } from '../../registrar/withStagedEntry';
import { inFlagTerms } from '../flagTerms';
import { failed, ok, warning, type Check } from './Check';

/** Codes of faults that are found while an entry is bundled, before anything of it runs. */
const BUNDLE_CODES = new Set(['RW_BUNDLE_FAILED', 'RW_BUNDLE_READS_FILES', 'RW_REQUIREMENT_INVALID']);

/** Bundles an entry, lists what must be installed beside it, and scans its runner. */
export async function checkEntry(options: Omit<EntryOptions, 'onWarning'>): Promise<Check[]> {
  const warnings: BundleWarning[] = [];
  const noted = (): Check[] =>
    warnings.map(({ where, what, hint }) => warning('bundle', `${where}: ${what}`, hint));
  try {
    return await withEntry(
      { ...options, onWarning: (item) => warnings.push(item) },
      ({ bundle, requirements, entry }, { definition }) => {
        const packages = requirements.packages.map(({ name, version }) => `${name}@${version}`);
        const list = packages.length > 0 ? packages.join(', ') : 'none';
        return Promise.resolve([
          ok('bundle', `${entry} (${bundle.code.length} bytes)`),
          ...noted(),
          ok(
            'requirements',
            `${list}${bundle.natives.length > 0 ? ': installed wherever the runner runs' : ''}`,
          ),
          ok('runner', `${definition.className}: ${Object.keys(definition.stages).join(', ')}`),
        ]);
      },
    );
  } catch (error) {
    if (!RunwrightError.is(error)) throw error;
    const { code, what, where, hint } = error;
    const found = where === undefined ? what : `${where}: ${what}`;
    const fix = inFlagTerms(hint ?? 'Correct what is named');
    return [...noted(), failed(BUNDLE_CODES.has(code) ? 'bundle' : 'runner', found, fix)];
  }
}
