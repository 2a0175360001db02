import { expect, it } from 'vitest';
import { PackProgress } from '../../../src/registrar/PackProgress';
import type { RegisterProgress } from '../../../src/registrar/RegisterModelOptions';

it('counts bytes while packing, and those that are sent later while publishing', () => {
  const seen: RegisterProgress[] = [];
  const progress = new PackProgress(10, (step) => seen.push(step));
  progress.onBytes(4);
  progress.publish();
  progress.onBytes(6);
  expect(seen).toEqual([
    { phase: 'pack', bytes: 0, total: 10 },
    { phase: 'pack', bytes: 4, total: 10 },
    { phase: 'publish', bytes: 4, total: 10 },
    { phase: 'publish', bytes: 10, total: 10 },
  ]);
});

it('begins the publishing without a count when everything is there', () => {
  const seen: RegisterProgress[] = [];
  const progress = new PackProgress(2, (step) => seen.push(step));
  progress.onBytes(2);
  progress.publish();
  expect(seen.at(-1)).toEqual({ phase: 'publish' });
});
