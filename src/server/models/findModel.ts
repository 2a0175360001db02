import { RequestError } from '../exchange/RequestError';
import type { ModelTable } from './ModelTable';
import type { ServedModel } from './ServedModel';

/** @throws RequestError 404, with the names that there are */
export function findModel(models: ModelTable, name: string, version?: string): ServedModel {
  const found = models.find(name, version);
  if (found !== undefined) return found;
  const names = [...new Set(models.list().map((model) => model.name))];
  const versions = models.list().flatMap((model) => (model.name === name ? [model.version] : []));
  throw versions.length === 0
    ? new RequestError(
        404,
        `there is no model "${name.slice(0, 128)}"`,
        `There is ${names.join(', ') || 'none'}`,
      )
    : new RequestError(
        404,
        `the model "${name}" has no version "${(version ?? '').slice(0, 32)}"`,
        versions[0] === undefined ? 'Leave the version out' : `It has ${versions.join(', ')}`,
      );
}
