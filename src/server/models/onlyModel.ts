import { RequestError } from '../exchange/RequestError';
import type { ModelTable } from './ModelTable';
import type { ServedModel } from './ServedModel';

/** @throws RequestError 404 when there are several models, with their routes, or none */
export function onlyModel(models: ModelTable): ServedModel {
  const { only } = models;
  if (only !== undefined) return only;
  const names = [...new Set(models.list().map(({ name }) => encodeURIComponent(name)))];
  if (names.length === 0) throw new RequestError(404, 'this server has no model now', 'Load one');
  const there = names.map((name) => `POST /models/${name}/predict`);
  throw new RequestError(404, 'this server has several models', `There is ${there.join(', ')}`);
}
