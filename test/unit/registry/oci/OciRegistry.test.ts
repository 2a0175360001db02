import { afterEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../../../src/artifact/Digest';
import { publishTiny } from '../tinyPackage';
import { IRIS, OciStage, resolve } from './OciStage';

describe('OciRegistry', () => {
  let stage: OciStage | undefined;
  const open = async (...options: Parameters<typeof OciStage.open>) =>
    (stage = await OciStage.open(...options));
  afterEach(() => stage?.close());

  it('publishes, lists, resolves and reads', async () => {
    const { server } = await open();
    const registry = stage!.registry();
    const entry = await publishTiny(registry, IRIS, 'weights');
    expect(entry).toMatchObject({ ...IRIS, number: 1, servable: true, aliases: [], history: [] });
    const reader = stage!.registry();
    expect(await reader.listModels()).toEqual([entry]);
    const found = await resolve(reader, 'iris');
    expect(found.entry).toEqual(entry);
    expect(digestOf(found.manifest)).toBe(entry.digest);
    expect(server.store.repository('acme/iris').tags.get('1')).toBe(entry.digest);
  });
});
