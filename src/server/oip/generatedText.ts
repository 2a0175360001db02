import type { RunnerDescription } from '../../scanner/RunnerDefinition';
import { isRecord } from '../../artifact/isRecord';
import type { ExchangeRequest } from '../exchange/ExchangeRequest';
import { toJson } from '../exchange/toJson';

/**
 * One answer of `generate` as JSON: the model, and the fields of the output beside it. An output that is text is
 * `text_output`; one that is neither is `output`. A field of the output goes before a key of the protocol.
 *
 * @throws ValidationError RW_OUTPUT_INVALID for what JSON does not have
 */
export function generatedText(
  output: unknown,
  { modelName, modelVersion }: Pick<ExchangeRequest, 'modelName' | 'modelVersion'>,
  id: string | undefined,
  description: RunnerDescription,
): string {
  const json = toJson(output, description);
  const head: Record<string, unknown> = { model_name: modelName, model_version: modelVersion, id };
  if (!json.startsWith('{')) {
    const key = json.startsWith('"') ? 'text_output' : 'output';
    return `${JSON.stringify(head).slice(0, -1)},"${key}":${json}}`;
  }
  if (isRecord(output)) for (const key of Object.keys(head)) if (Object.hasOwn(output, key)) delete head[key];
  const heading = JSON.stringify(head).slice(0, -1);
  const rest = json.slice(1);
  return heading === '{' || rest === '}' ? heading + rest : `${heading},${rest}`;
}
