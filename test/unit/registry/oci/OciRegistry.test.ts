import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../../src/artifact/canonicalJson';
import type { Digest } from '../../../../src/artifact/Digest';
import { digestOf } from '../../../../src/artifact/digestOf';
import { HashingBlobSink } from '../../../../src/artifact/HashingBlobSink';
import { MEDIA_TYPES } from '../../../../src/artifact/mediaTypes';
import { findRegistered } from '../../../../src/registrar/findRegistered';
import { HttpClient } from '../../../../src/registry/http/HttpClient';
import { readPages } from '../../../../src/registry/oci/readPages';
import { parseTagName } from '../../../../src/registry/oci/tagNames';
import { RESERVATION_DIGEST } from '../../../../src/registry/reserveNumber';
import { publishTiny, putTiny } from '../tinyPackage';
import { IRIS, OciStage, resolve } from './OciStage';

describe('OciRegistry', () => {
  let stage: OciStage;
  beforeEach(async () => {
    stage = await OciStage.open();
  });
  afterEach(() => stage.close());
  const tagsOf = (repository = 'acme/iris') => stage.server.store.repository(repository).tags;
  const requestsOf = async (work: () => Promise<unknown>): Promise<string[]> => {
    const before = stage.server.requests.length;
    await work();
    return stage.server.requests
      .slice(before)
      .map(({ method, path }) => `${method} ${path.replace('/v2/acme/iris/', '')}`);
  };

  it('keeps a number as its tag, with a record beside it', async () => {
    const registry = stage.registry();
    const reserved = await registry.createModel(IRIS);
    expect(reserved).toMatchObject({ number: 1, digest: null, servable: false, registeredAt: null });
    const entry = await publishTiny(registry, IRIS, 'weights');
    expect(entry).toMatchObject({ ...IRIS, number: 2, servable: true, aliases: [], history: [] });
    expect(tagsOf().get('1')).toBe(RESERVATION_DIGEST);
    expect(tagsOf().get('2')).toBe(entry.digest);
    const records = [...tagsOf().keys()].map(parseTagName).filter((name) => name?.kind === 'record');
    expect(records).toMatchObject([
      { number: 1, digest: RESERVATION_DIGEST },
      { number: 2, digest: entry.digest, time: entry.registeredAt },
    ]);
    expect(await stage.registry().listModels()).toEqual([reserved, entry]);
  });

  it('puts the repository under the prefix of the registry, and lists what is under it', async () => {
    const registry = stage.registry({ prefix: 'team/models' });
    const entry = await publishTiny(registry, IRIS, 'one');
    expect(tagsOf('team/models/acme/iris').get('1')).toBe(entry.digest);
    await publishTiny(stage.registry(), IRIS, 'two');
    await publishTiny(stage.registry({ prefix: 'team' }), IRIS, 'three');
    expect(await registry.listModels()).toEqual([entry]);
    expect(await stage.registry({ prefix: 'team' }).listModels()).toMatchObject([IRIS]);
    expect(await stage.registry().listModels()).toMatchObject([IRIS]);
  });

  it('lists by tags alone, and asks only where they leave it open', async () => {
    const registry = stage.registry();
    await publishTiny(registry, IRIS, 'one');
    await publishTiny(registry, IRIS, 'two');
    await registry.setAlias(IRIS, 'stable', 1);
    const reader = stage.registry();
    expect(await requestsOf(() => reader.listModels(IRIS))).toEqual(['GET tags/list']);
    await publishTiny(registry, IRIS, 'three', { number: 2 });
    expect(await requestsOf(() => reader.listModels(IRIS))).toEqual(['GET tags/list', 'HEAD manifests/2']);
    const page = { ...IRIS, limit: 1 };
    expect(await requestsOf(() => reader.listModels(page))).toEqual(['GET tags/list']);
    expect(await reader.listModels(page)).toMatchObject([{ number: 1, aliases: ['stable'] }]);
    const next = { ...page, after: { ...IRIS, number: 1 } };
    expect(await requestsOf(() => reader.listModels(next))).toEqual(['GET tags/list', 'HEAD manifests/2']);
    expect(await reader.listModels({ ...page, after: { ...IRIS, number: 2 } })).toEqual([]);
  });

  it('resolves with three requests, and with two when the manifest is here', async () => {
    await publishTiny(stage.registry(), IRIS, 'one');
    const reader = stage.registry();
    expect(await requestsOf(() => resolve(reader, 'iris:1'))).toEqual([
      'GET tags/list',
      'HEAD manifests/1',
      `GET manifests/${tagsOf().get('1')}`,
    ]);
    expect(await requestsOf(() => resolve(reader, 'iris:1'))).toEqual(['GET tags/list', 'HEAD manifests/1']);
  });

  it('follows pages of tags and of repositories', async () => {
    await stage.close();
    stage = await OciStage.open({ pageSize: 2 });
    const registry = stage.registry();
    for (const repository of ['a', 'b', 'c']) {
      for (const content of ['one', 'two']) await publishTiny(registry, { ...IRIS, repository }, content);
    }
    const listed = await stage.registry().listModels();
    expect(listed.map(({ repository, number }) => `${repository}:${number}`)).toEqual([
      'a:1',
      'a:2',
      'b:1',
      'b:2',
      'c:1',
      'c:2',
    ]);
    const page = { after: { ...IRIS, repository: 'a', number: 2 }, limit: 3 };
    expect(await stage.registry().listModels(page)).toEqual(listed.slice(2, 5));
    expect(stage.server.seen('GET', '/v2/acme/a/tags/list').some(({ query }) => query.has('last'))).toBe(
      true,
    );
  });

  it('goes to no other host for a page', async () => {
    await publishTiny(stage.registry(), IRIS, 'one');
    stage.server.intercept = ({ path }) =>
      path.endsWith('/tags/list')
        ? { status: 200, headers: { link: '<http://example.com/v2/x>; rel="next"' }, body: '{"tags":["1"]}' }
        : undefined;
    await expect(stage.registry().listModels(IRIS)).rejects.toMatchObject({ code: 'RW_REGISTRY_ANSWER' });
  });

  it.each([
    ['a page that is named by no URL', '{"tags":["1"]}', '<http://[::1>; rel="next"'],
    ['pages without an end', '{"tags":["1"]}', '</v2/acme/iris/tags/list?again>; rel="next"'],
    ['an answer without a list', '{}', ''],
    ['a list of other things', '{"tags":[1]}', ''],
    ['a list without an end', `{"tags":[${'"a",'.repeat(20_000_000)}"b"]}`, ''],
  ])('refuses %s', async (_, body, link) => {
    stage.server.intercept = ({ path }) =>
      path.endsWith('/tags/list')
        ? { status: 200, body, headers: { 'content-type': 'application/json', ...(link && { link }) } }
        : undefined;
    await expect(stage.registry().listModels(IRIS)).rejects.toMatchObject({ code: 'RW_REGISTRY_ANSWER' });
    expect(stage.server.requests.length).toBeLessThan(4);
  });

  it('takes no list for an empty one where the registry says so, and all tags at once', async () => {
    let body = '{"tags":null}';
    stage.server.intercept = ({ path }) => (path.endsWith('/tags/list') ? { status: 200, body } : undefined);
    expect(await stage.registry().listModels(IRIS)).toEqual([]);
    const tags = Array.from({ length: 100_000 }, (_, at) => String(at).padStart(100, 'x'));
    body = JSON.stringify({ tags });
    expect(body.length).toBeGreaterThan(8 * 1024 * 1024);
    const url = new URL('/v2/acme/iris/tags/list', stage.server.origin);
    expect(await readPages(new HttpClient(), { method: 'GET', url, where: 'iris' }, 'tags')).toEqual(tags);
  });

  it('asks for nothing that is no tag', async () => {
    const { digest } = await publishTiny(stage.registry(), IRIS, 'one');
    for (const name of ['../../../evil?x=1', '..', 'a/b', '\u001b[2J', ''])
      tagsOf().set(name, String(digest));
    const asked = await requestsOf(async () => {
      expect(await stage.registry().listModels(IRIS)).toMatchObject([{ number: 1, aliases: [] }]);
    });
    expect(asked).toEqual(['GET tags/list']);
  });

  it('asks of a page for its own numbers alone, whatever alias another tool has put there', async () => {
    const source = stage.registry();
    const [one, two] = [await publishTiny(source, IRIS, 'one'), await publishTiny(source, IRIS, 'two')];
    tagsOf().clear();
    for (let number = 1; number <= 40; number += 1) tagsOf().set(String(number), String(one.digest));
    tagsOf().set('latest', String(two.digest));
    tagsOf().set('40', String(two.digest));
    const page = { ...IRIS, limit: 2 };
    const asked = await requestsOf(async () => {
      expect(await stage.registry().listModels(page)).toMatchObject([{ aliases: [] }, { aliases: [] }]);
    });
    expect(asked.sort()).toEqual([
      'GET tags/list',
      'HEAD manifests/1',
      'HEAD manifests/2',
      'HEAD manifests/latest',
    ]);
    const last = await requestsOf(() => resolve(stage.registry(), 'iris:latest'));
    expect(last.filter((request) => request.startsWith('HEAD')).length).toBeLessThan(12);
    // Never at two numbers, whatever the pages are.
    tagsOf().set('3', String(two.digest));
    const paged = await stage.registry().listModels({ ...IRIS, limit: 3 });
    const rest = await stage.registry().listModels({ ...IRIS, after: { ...IRIS, number: 3 } });
    expect([...paged, ...rest]).toEqual(await stage.registry().listModels(IRIS));
    expect([...paged, ...rest].filter(({ aliases }) => aliases.length > 0)).toMatchObject([{ number: 40 }]);
  });

  it('finds the number of a package without a word on aliases', async () => {
    const registry = stage.registry();
    const { digest } = await publishTiny(registry, IRIS, 'one');
    for (let at = 0; at < 20; at += 1) tagsOf().set(`v0.${at}`, RESERVATION_DIGEST);
    const other = digestOf(Buffer.from('other'));
    const asked = await requestsOf(async () => {
      expect(await findRegistered(stage.registry(), IRIS, other)).toBeUndefined();
    });
    expect(asked.filter((request) => request.includes('/v0.'))).toEqual([]);
    expect(await findRegistered(stage.registry(), IRIS, digest as Digest)).toMatchObject({ number: 1 });
    expect(await findRegistered(stage.registry(), { ...IRIS, repository: 'none' }, other)).toBeUndefined();
    // What is on this machine is answered without a number where the registry takes long: that is no answer here.
    await resolve(registry, 'iris:1');
    let late = 1;
    stage.server.intercept = ({ path }) =>
      path.endsWith('/tags/list') && late-- > 0 ? { delay: 2500 } : undefined;
    expect(await findRegistered(registry, IRIS, digest as Digest)).toMatchObject({ number: 1 });
  });

  it('says how to go on where the registry does not list its repositories', async () => {
    await stage.close();
    stage = await OciStage.open({ catalogDisabled: true });
    const registry = stage.registry();
    const entry = await publishTiny(registry, IRIS, 'one');
    expect(await registry.listModels(IRIS)).toEqual([entry]);
    await expect(registry.listModels()).rejects.toMatchObject({
      code: 'RW_REGISTRY_ANSWER',
      hint: expect.stringContaining('Name the repository'),
    });
    await expect(resolve(registry, 'irsi')).rejects.toMatchObject({
      code: 'RW_MODEL_NOT_FOUND',
      hint: expect.stringContaining('Check its name'),
    });
  });

  it('serves what another tool has copied: numbers without records, aliases by their package', async () => {
    const source = stage.registry();
    const [one, two] = [await publishTiny(source, IRIS, 'one'), await publishTiny(source, IRIS, 'two')];
    const repository = stage.server.store.repository('acme/iris');
    repository.tags.clear();
    for (const [tag, { digest }] of [
      ['1', one],
      ['2', two],
      ['3', two],
      ['latest', two],
      ['first', one],
    ] as const) {
      repository.tags.set(tag, digest as Digest);
    }
    const reader = stage.registry();
    const bare = { registeredAt: null, history: [], servable: true };
    expect(await reader.listModels()).toMatchObject([
      { number: 1, digest: one.digest, aliases: ['first'], ...bare },
      { number: 2, digest: two.digest, aliases: [], ...bare },
      { number: 3, digest: two.digest, aliases: ['latest'], ...bare },
    ]);
    expect((await resolve(reader, 'iris:latest')).entry?.number).toBe(3);
    expect((await resolve(reader, 'iris')).digest).toBe(two.digest);
    // The next registration goes on from there, and gives the number a record.
    expect(await publishTiny(source, IRIS, 'three')).toMatchObject({ number: 4 });
    expect(await publishTiny(source, IRIS, 'one', { number: 1 })).toMatchObject({
      number: 1,
      digest: one.digest,
      registeredAt: expect.any(String),
      aliases: ['first'],
    });
  });

  it('gives what the tag of a number points at, also when another tool has moved it', async () => {
    const registry = stage.registry();
    const [one, two] = [await publishTiny(registry, IRIS, 'one'), await publishTiny(registry, IRIS, 'two')];
    tagsOf().set('1', two.digest as Digest);
    const { digest, entry } = await resolve(stage.registry(), 'iris:1');
    expect(digest).toBe(two.digest);
    expect(entry).toMatchObject({ number: 1, digest: two.digest, history: [{ digest: one.digest }] });
  });

  it('gives a package without a number that another tool has put under an alias', async () => {
    const sink = new HashingBlobSink();
    const manifest = await putTiny(sink, 'alone');
    const publication = await stage.registry().publish(IRIS);
    await putTiny(publication, 'alone');
    await publication.commit({ manifest, number: null });
    tagsOf().clear();
    tagsOf().set('latest', digestOf(manifest));
    const reader = stage.registry();
    expect(await resolve(reader, 'iris:latest')).toMatchObject({ entry: null, digest: digestOf(manifest) });
    await expect(resolve(reader, `iris:latest@${RESERVATION_DIGEST}`)).rejects.toMatchObject({
      code: 'RW_MODEL_NOT_FOUND',
    });
    await expect(resolve(reader, 'iris')).rejects.toMatchObject({ code: 'RW_MODEL_NOT_SERVABLE' });
    expect(await reader.listModels()).toEqual([]);
  });

  it('refuses an image index', async () => {
    const registry = stage.registry();
    await publishTiny(registry, IRIS, 'one');
    const bytes = canonicalJson({ schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [] });
    const repository = stage.server.store.repository('acme/iris');
    repository.manifests.set(digestOf(bytes), { bytes, mediaType: MEDIA_TYPES.index });
    repository.tags.set('1', digestOf(bytes));
    await expect(resolve(stage.registry(), 'iris:1')).rejects.toMatchObject({
      code: 'RW_PACKAGE_INVALID',
      what: expect.stringContaining('image index'),
    });
  });

  it('keeps no alias that looks like a record', async () => {
    const registry = stage.registry();
    await publishTiny(registry, IRIS, 'one');
    await expect(registry.setAlias(IRIS, '_void.00000000', 1)).rejects.toMatchObject({
      code: 'RW_REFERENCE_INVALID',
    });
  });

  it('moves the tags of aliases along, for other tools', async () => {
    const registry = stage.registry();
    await publishTiny(registry, IRIS, 'one');
    await registry.setAlias(IRIS, 'stable', 1);
    const { digest } = await publishTiny(stage.registry(), IRIS, 'two', { number: 1 });
    expect(tagsOf().get('stable')).toBe(digest);
  });

  it('goes by the number where a killed registration left an alias behind, and heals it', async () => {
    const registry = stage.registry();
    const one = await publishTiny(registry, IRIS, 'one');
    await registry.setAlias(IRIS, 'stable', 1);
    const two = await publishTiny(registry, IRIS, 'two', { number: 1 });
    tagsOf().set('stable', one.digest as Digest);
    expect(await resolve(stage.registry(), 'iris:stable')).toMatchObject({ digest: two.digest, entry: two });
    expect(await publishTiny(registry, IRIS, 'two', { number: 1 })).toEqual(two);
    expect(tagsOf().get('stable')).toBe(two.digest);
  });

  it('lets an alias that was killed on its way follow the number that it did before', async () => {
    const registry = stage.registry();
    await publishTiny(registry, IRIS, 'one');
    await publishTiny(registry, IRIS, 'two');
    await registry.setAlias(IRIS, 'stable', 1);
    stage.server.intercept = ({ path, method }) =>
      method === 'PUT' && path.endsWith('/manifests/stable') ? { status: 403 } : undefined;
    await expect(registry.setAlias(IRIS, 'stable', 2)).rejects.toMatchObject({ code: 'RW_REGISTRY_DENIED' });
    expect((await resolve(stage.registry(), 'iris:stable')).entry?.number).toBe(1);
    expect(await stage.registry().listModels(IRIS)).toMatchObject([{ aliases: ['stable'] }, { aliases: [] }]);
  });

  it('answers a digest that is here while the registry is away', async () => {
    const registry = stage.registry();
    const entry = await publishTiny(registry, IRIS, 'one');
    const online = await resolve(registry, `iris@${entry.digest}`);
    expect(online.entry).toEqual(entry);
    await stage.server.stop();
    const offline = await resolve(registry, `iris@${entry.digest}`);
    expect(offline).toEqual({ ...online, entry: null });
    expect(await resolve(registry, `iris:1@${entry.digest}`)).toEqual(offline);
    await expect(resolve(registry, 'iris:1')).rejects.toMatchObject({ code: 'RW_REGISTRY_UNAVAILABLE' });
  });

  it('refuses a manifest that registries do not take, before anything is sent', async () => {
    const publication = await stage.registry().publish(IRIS);
    const manifest = Buffer.alloc(4 * 1024 * 1024 + 1, ' ');
    await expect(publication.commit({ manifest, number: null })).rejects.toMatchObject({
      code: 'RW_PACKAGE_INVALID',
    });
    expect(stage.server.requests).toEqual([]);
  });

  it('reads a manifest again that was spoilt on its way, and refuses one that stays so', async () => {
    const { digest } = await publishTiny(stage.registry(), IRIS, 'one');
    let spoilt = 1;
    stage.server.intercept = ({ method, path }) =>
      method === 'GET' && path.endsWith(String(digest)) && spoilt-- > 0 ? 'corrupt' : undefined;
    expect((await resolve(stage.registry(), 'iris:1')).digest).toBe(digest);
    spoilt = 100;
    await expect(resolve(stage.registry(), 'iris:1')).rejects.toMatchObject({ code: 'RW_PACKAGE_CORRUPT' });
  });

  it('does not take the word of a registry that names another digest', async () => {
    stage.server.intercept = ({ method, path }) =>
      method === 'PUT' && path.includes('/manifests/')
        ? { status: 201, headers: { 'docker-content-digest': RESERVATION_DIGEST } }
        : undefined;
    await expect(publishTiny(stage.registry(), IRIS, 'one')).rejects.toMatchObject({
      code: 'RW_REGISTRY_ANSWER',
    });
  });

  it('refuses a size of chunks that is none', () => {
    for (const size of ['', 'many', '1', '-1', '1e9']) {
      const open = () => stage.registry({ environment: { RUNWRIGHT_UPLOAD_CHUNK: size } });
      if (size === '') open();
      else expect(open).toThrow(expect.objectContaining({ code: 'RW_OPTION_INVALID' }));
    }
  });
});
