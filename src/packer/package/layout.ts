/** Where things stand in an opened package. Layers are annotated with the same paths. */
export const CODE_FOLDER = 'code';
export const MODEL_FOLDER = 'model';

/** Registries cap a manifest near 4 MiB; so many layers stay well below it. */
export const MAX_LAYERS = 15_000;
