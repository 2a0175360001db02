import type { FastifyInstance } from 'fastify';
import type { OipDoor } from './OipDoor';
import { registerInferRoutes } from './registerInferRoutes';
import { registerMetadataRoutes } from './registerMetadataRoutes';
import { registerRepositoryRoutes } from './registerRepositoryRoutes';

/** The Open Inference Protocol v2 over REST: `/v2` and what is below it. */
export function registerOipRoutes(app: FastifyInstance, door: OipDoor): void {
  registerMetadataRoutes(app, door.models);
  registerInferRoutes(app, door);
  registerRepositoryRoutes(app, door);
}
