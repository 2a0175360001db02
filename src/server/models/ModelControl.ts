import type { Served } from './servedModels';

/** Where models come from that a client asks for by name. */
export interface ModelControl {
  /** Makes a handle for a name that a client gives; the server closes it when it is unloaded, and when the server closes. */
  load(name: string): Promise<Served>;
}
