/** What the first member of `model.json` says, so that a folder of another format is never taken for one of ours. */
export const MODEL_FORMAT = 'runwright-model';

/** Raised when a file of the new kind would be misread by an older loader. */
export const MODEL_FORMAT_VERSION = 1;

export const MODEL_FILE = 'model.json';

/** Numbers, not names, stand in `model.json`: a hostile file cannot name a path. */
export const blobFile = (number: number): string => `model.${number}.bin`;
