import { RequestError } from '../exchange/RequestError';
import type { ModelTable } from './ModelTable';
import type { ServedModel } from './ServedModel';

/** @throws RequestError 404 when there are several models, or several versions of one, with their routes, or none */
export function onlyModel(models: ModelTable): ServedModel {
  const { only } = models;
  if (only !== undefined) return only;
  const list = models.list();
  const names = [...new Set(list.map(({ name }) => encodeURIComponent(name)))];
  if (names.length === 0) throw new RequestError(404, 'this server has no model now', 'Load one');
  const there = names.map((name) => `POST /models/${name}/predict`);
  if (names.length > 1) {
    throw new RequestError(404, 'this server has several models', `There is ${there.join(', ')}`);
  }
  const versions = list.map(({ version }) => `POST /models/${names[0]}/versions/${version}/predict`);
  throw new RequestError(
    404,
    'this server has several versions of its model',
    `There is ${there[0]} for the newest, and ${versions.join(', ')}`,
  );
}
