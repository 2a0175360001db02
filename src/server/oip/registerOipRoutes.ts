import type { FastifyInstance } from 'fastify';
import type { ModelTable } from '../models/ModelTable';
import { registerInferRoutes } from './registerInferRoutes';
import { registerMetadataRoutes } from './registerMetadataRoutes';
import { registerRepositoryRoutes } from './registerRepositoryRoutes';
import type { RepositoryControl } from './RepositoryControl';

export interface OipDoor {
  readonly models: ModelTable;
  /** Bytes that a body may have, before and after decompression. */
  readonly bodyLimit: number;
  /** Absent where clients may not load and unload models. */
  readonly control: RepositoryControl | undefined;
}

/** The Open Inference Protocol v2 over REST: `/v2` and what is below it. */
export function registerOipRoutes(app: FastifyInstance, door: OipDoor): void {
  registerMetadataRoutes(app, door.models);
  registerInferRoutes(app, door);
  registerRepositoryRoutes(app, door);
}
