import fc from 'fast-check';
import { afterEach, beforeEach, describe, it } from 'vitest';
import { describeAliases } from './conformance/aliases';
import { describeBlobs } from './conformance/blobs';
import { describeListing } from './conformance/listing';
import { describeNumbers } from './conformance/numbers';
import { describePublishing } from './conformance/publishing';
import { anyStep, RegistryModel } from './conformance/RegistryModel';
import { ALL_FEATURES, type RegistryFeatures, type RegistryStage } from './conformance/RegistryStage';
import { describeResolving } from './conformance/resolving';

export interface ConformanceOptions {
  /** What the driver does otherwise than the others. */
  readonly features?: Partial<RegistryFeatures>;
  /** Sequences of operations to try against the model of a registry. Default 15. */
  readonly sequences?: number;
}

/**
 * The conformance suite: what every driver must do, in the words of `Registry` alone.
 *
 * @param setup makes an empty registry, once for each test
 */
export function describeRegistry(
  title: string,
  setup: () => Promise<RegistryStage>,
  { features = {}, sequences = 15 }: ConformanceOptions = {},
): void {
  describe(`${title} is a registry:`, () => {
    let stage: RegistryStage | undefined;
    beforeEach(async () => {
      stage = await setup();
    });
    afterEach(async () => {
      await stage?.remove();
      stage = undefined;
    });
    const conformance = {
      features: { ...ALL_FEATURES, ...features },
      stage: () => {
        if (stage === undefined) throw new Error('no test is running');
        return stage;
      },
    };
    describe('numbers', () => describeNumbers(conformance));
    describe('aliases', () => describeAliases(conformance));
    describe('resolve', () => describeResolving(conformance));
    describe('a publication', () => describePublishing(conformance));
    describe('blobs', () => describeBlobs(conformance));
    describe('listing', () => describeListing(conformance));

    it('agrees with a model of it after any sequence of operations', async () => {
      const steps = fc.array(anyStep, { minLength: 1, maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(steps, async (sequence) => {
          const place = await setup();
          try {
            const model = new RegistryModel();
            for (const step of sequence) await model.take(place.open(), step);
            await model.compare(place.open());
          } finally {
            await place.remove();
          }
        }),
        { numRuns: sequences },
      );
    });
  });
}
