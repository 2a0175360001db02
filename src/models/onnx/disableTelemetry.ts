/**
 * onnxruntime 1.30 on Linux gathers telemetry and leaves files in the temporary folder, unless this variable is set before
 * its library is loaded (seen with its npm package). A variable of a worker thread does not reach native code, so the main
 * thread has to set it. Who has set it decides.
 */
export function disableTelemetry(environment: NodeJS.ProcessEnv = process.env): void {
  environment['ORT_DISABLE_TELEMETRY'] ??= '1';
}
