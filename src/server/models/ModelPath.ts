/** Parameters of the URLs of one model. */
export interface ModelPath {
  readonly name: string;
  readonly version?: string;
}

/**
 * The URLs of something that belongs to a model: without a version it is the newest one's.
 *
 * @param rest what follows the model, such as `/infer`
 * @param prefix what comes before, such as `/v2`
 */
export function modelPaths(rest: string, prefix = ''): readonly string[] {
  return [`${prefix}/models/:name${rest}`, `${prefix}/models/:name/versions/:version${rest}`];
}
