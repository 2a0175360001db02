/**
 * Whose fault an error is.
 *
 * - `configuration`: the developer's, found before any data flows (a class, an option, an entry, a flag).
 * - `data`: the caller's (an input that does not validate, a reference to a model that does not exist).
 * - `runtime`: code of the runner failed, or was stopped, while it worked.
 * - `environment`: the machine's (disk, permissions, a missing program, a damaged file).
 */
export type ErrorKind = 'configuration' | 'data' | 'runtime' | 'environment';

/** Every code that a `RunwrightError` can carry. `docs/errors.md` explains each; a test keeps the two equal. */
export const ERROR_CODES = {
  RW_DECORATOR_TC39: 'configuration',
  RW_REFLECT_METADATA_MISSING: 'configuration',
  RW_RUNNER_INVALID: 'configuration',
  RW_OPTION_INVALID: 'configuration',

  RW_INPUT_INVALID: 'data',
  RW_REQUEST_INVALID: 'data',
  RW_OUTPUT_INVALID: 'runtime',
  RW_STAGE_FAILED: 'runtime',
  RW_BATCH_COUNT: 'runtime',
  RW_ABORTED: 'runtime',
  RW_HANDLE_STATE: 'runtime',
  RW_QUEUE_FULL: 'runtime',
  RW_DEADLINE: 'runtime',
  RW_WORKER_FAILED: 'runtime',
  RW_STREAM_MISMATCH: 'configuration',

  RW_PROPS_INVALID: 'configuration',
  RW_MODEL_NOT_SERIALIZABLE: 'configuration',
  RW_MODEL_FILE_INVALID: 'environment',
  RW_TENSOR_INVALID: 'data',
  RW_LIBRARY_MISSING: 'environment',
  RW_PYTHON_MISSING: 'environment',
  RW_EXPORT_FAILED: 'configuration',
  RW_PARITY_FAILED: 'configuration',
  RW_FUNCTION_INVALID: 'configuration',

  RW_ENTRY_INVALID: 'configuration',
  RW_ENTRY_REGISTERS: 'configuration',
  RW_BUNDLE_FAILED: 'configuration',
  RW_BUNDLE_READS_FILES: 'configuration',
  RW_REQUIREMENT_INVALID: 'configuration',
  RW_REQUIREMENT_INSTALL: 'environment',
  RW_ARTIFACT_INVALID: 'configuration',

  RW_PACKAGE_INVALID: 'environment',
  RW_PACKAGE_CORRUPT: 'environment',
  RW_PACKAGE_INCOMPATIBLE: 'environment',
  RW_PACKAGE_CHECK_FAILED: 'configuration',

  RW_REFERENCE_INVALID: 'data',
  RW_MODEL_NOT_FOUND: 'data',
  RW_MODEL_NOT_SERVABLE: 'data',
  RW_MODEL_CONFLICT: 'data',
  RW_REGISTRY_INVALID: 'environment',
  RW_REGISTRY_FORMAT: 'environment',
  RW_REGISTRY_LOCKED: 'environment',
  RW_REGISTRY_UNAVAILABLE: 'environment',
  RW_REGISTRY_DENIED: 'environment',
  RW_REGISTRY_ANSWER: 'environment',
  RW_IO: 'environment',

  RW_USAGE: 'configuration',
} as const satisfies Record<string, ErrorKind>;

/** A stable name for one kind of failure; it never changes its meaning. */
export type ErrorCode = keyof typeof ERROR_CODES;
