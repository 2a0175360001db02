/** Parameters of the URLs of one model. */
export interface ModelPath {
  readonly name: string;
  readonly version?: string;
}

/** The URLs of something that belongs to a model: without a version it is the newest one's. */
export function modelPaths(rest: string): readonly string[] {
  return [`/v2/models/:name${rest}`, `/v2/models/:name/versions/:version${rest}`];
}
