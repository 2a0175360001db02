import { isModelClass, type ModelClass, type ModelClasses } from './ModelClass';

/**
 * The classes among a module's exports that have a static `fromJSON`, each under its own name, which is what the saver
 * writes, and under the name of its export, which wins where the two differ.
 *
 * @example await loadValue(directory, { classes: modelClassesOf(await import(entry)) });
 */
export function modelClassesOf(moduleExports: Readonly<Record<string, unknown>>): ModelClasses {
  const exported = Object.entries(moduleExports).filter((entry): entry is [string, ModelClass] =>
    isModelClass(entry[1]),
  );
  const named = exported.map(([, modelClass]): [string, ModelClass] => [modelClass.name, modelClass]);
  return Object.fromEntries([...named, ...exported]);
}
