import type { Digest } from '../artifact/Digest';
import { formatReference } from '../artifact/Reference';
import { RunwrightError } from '../errors/RunwrightError';
import { nearestNames } from './nearestNames';
import type { ModelEntry, RepositoryName } from './Registry';

// What looking up a model in a registry can fail with, in one wording for all drivers.

/** @param others the repositories that there are; nothing where the registry does not tell */
export function repositoryNotFound(
  name: RepositoryName,
  others: readonly RepositoryName[] | undefined,
  url: string,
): RunwrightError {
  if (others === undefined) {
    return new RunwrightError('RW_MODEL_NOT_FOUND', {
      where: formatReference(name),
      what: `there is no such repository in ${url}, or it may not be seen`,
      hint: 'Check its name, the registry, and that you are logged in',
    });
  }
  const sameName = others.filter(({ repository }) => repository === name.repository).map(formatReference);
  const sameOwner = others.filter(({ organization }) => organization === name.organization);
  const nearest = nearestNames(
    name.repository,
    sameOwner.map(({ repository }) => repository),
  ).map((repository) => formatReference({ ...name, repository }));
  const near = [...sameName.slice(0, 3), ...nearest].slice(0, 5);
  return new RunwrightError('RW_MODEL_NOT_FOUND', {
    where: formatReference(name),
    what: `there is no such repository in ${url}`,
    hint:
      near.length > 0
        ? `There is ${near.join(', ')}`
        : others.length === 0
          ? 'The registry is empty: register a model first, or name another registry'
          : `There are ${others.length} others; list them with listModels`,
  });
}

export function numberNotFound(
  name: RepositoryName,
  number: number,
  models: readonly Pick<ModelEntry, 'number'>[],
): RunwrightError {
  const newest = models.at(-1)?.number;
  return new RunwrightError('RW_MODEL_NOT_FOUND', {
    where: formatReference({ ...name, number }),
    what: 'there is no model of this number',
    hint:
      newest === undefined
        ? 'The repository has no numbers yet: register without a number to get the first one'
        : `The newest number is ${newest}; register without a number to get a new one`,
  });
}

export function aliasNotFound(
  name: RepositoryName,
  alias: string,
  models: readonly Pick<ModelEntry, 'number' | 'aliases'>[],
): RunwrightError {
  const near = nearestNames(
    alias,
    models.flatMap((model) => model.aliases),
  );
  return new RunwrightError('RW_MODEL_NOT_FOUND', {
    where: formatReference({ ...name, alias }),
    what: 'there is no such alias',
    hint: `${near.length > 0 ? `There is ${near.join(', ')}` : 'The repository has no aliases'}; the newest number is ${models.at(-1)?.number ?? 'none'}`,
  });
}

/** @param entry the number that was asked for together with the digest */
export function digestNotFound(name: RepositoryName, digest: Digest, entry?: ModelEntry): RunwrightError {
  return new RunwrightError('RW_MODEL_NOT_FOUND', {
    where: formatReference({ ...name, number: entry?.number, digest }),
    what:
      entry === undefined
        ? 'the repository has no package of this digest'
        : `number ${entry.number} points at ${entry.digest ?? 'no package yet'}, and never pointed at this digest`,
    hint:
      entry === undefined
        ? 'Check the digest, or ask for a number'
        : 'Leave out the digest to get what the number points at, or leave out the number to get the package',
  });
}

export function numberNotServable(name: RepositoryName, number: number): RunwrightError {
  return new RunwrightError('RW_MODEL_NOT_SERVABLE', {
    where: formatReference({ ...name, number }),
    what: 'the number is reserved, and no package is registered under it yet',
    hint: `Register one with model number ${number}`,
  });
}

export function nothingServable(
  name: RepositoryName,
  models: readonly Pick<ModelEntry, 'number'>[],
): RunwrightError {
  return new RunwrightError('RW_MODEL_NOT_SERVABLE', {
    where: formatReference(name),
    what: `no package is registered yet under any of its numbers (the newest is ${models.at(-1)?.number ?? 'none'})`,
    hint: 'Register one',
  });
}

/** @param current what the number points at; `null` for no package */
export function digestConflict(
  name: RepositoryName,
  number: number,
  current: Digest | null,
  expected: Digest | null,
): RunwrightError {
  return new RunwrightError('RW_MODEL_CONFLICT', {
    where: formatReference({ ...name, number }),
    what: `the number points at ${current ?? 'no package'}, where ${expected ?? 'no package'} was expected`,
    hint: 'Somebody else has registered under it meanwhile: look at their package, then register again',
  });
}

/** For a manifest that reserves a number, and one that is given already. */
export function numberIsGiven(name: RepositoryName, number: number): RunwrightError {
  return new RunwrightError('RW_PACKAGE_INVALID', {
    where: formatReference({ ...name, number }),
    what: 'the manifest only reserves a number, and this number is given already',
    hint: 'Register a package',
  });
}
