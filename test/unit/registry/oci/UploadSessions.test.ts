import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UploadSessions } from '../../../../src/registry/oci/UploadSessions';

const DIGEST = `sha256:${'a'.repeat(64)}` as const;
const OTHER = `sha256:${'b'.repeat(64)}` as const;
const REPOSITORY = new URL('http://localhost:5000/v2/acme/iris/');
const LOCATION = new URL('http://localhost:5000/v2/acme/iris/blobs/uploads/1?_state=x%2By');

describe('UploadSessions', () => {
  let folder = '';
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'runwright-sessions-')), 'uploads');
  });
  afterEach(() => rmSync(join(folder, '..'), { recursive: true }));
  const files = () => readdirSync(folder);

  it('keeps where an upload goes on, for one repository and blob, and for nobody else to read', async () => {
    const sessions = new UploadSessions(folder);
    expect(await sessions.read(REPOSITORY, DIGEST)).toBeUndefined();
    await sessions.write(REPOSITORY, DIGEST, new URL('http://localhost:5000/first'));
    await sessions.write(REPOSITORY, DIGEST, LOCATION);
    const later = new UploadSessions(folder);
    expect((await later.read(REPOSITORY, DIGEST))?.href).toBe(LOCATION.href);
    expect(await later.read(REPOSITORY, OTHER)).toBeUndefined();
    expect(await later.read(new URL('http://localhost:5000/v2/acme/other/'), DIGEST)).toBeUndefined();
    expect(files()).toHaveLength(1);
    expect(statSync(join(folder, files()[0] ?? '')).mode & 0o777).toBe(0o600);
    await later.remove(REPOSITORY, DIGEST);
    expect(files()).toEqual([]);
    await later.remove(REPOSITORY, DIGEST);
  });

  it('writes no credentials down', async () => {
    const sessions = new UploadSessions(folder);
    await sessions.write(REPOSITORY, DIGEST, new URL('http://ann:secret@localhost:5000/'));
    expect(await sessions.read(REPOSITORY, DIGEST)).toBeUndefined();
  });

  it('ignores what is old or damaged, and sweeps what is old away', async () => {
    await new UploadSessions(folder).write(REPOSITORY, DIGEST, LOCATION);
    const path = join(folder, files()[0] ?? '');
    const { location } = JSON.parse(readFileSync(path, 'utf8')) as { location: string };
    for (const text of [
      '',
      '{',
      '[]',
      '{"location":7}',
      '{"location":"x","time":"now"}',
      '{"location":"no url"}',
    ]) {
      writeFileSync(path, text);
      expect(await new UploadSessions(folder).read(REPOSITORY, DIGEST)).toBeUndefined();
    }
    writeFileSync(path, JSON.stringify({ location, time: '2020-01-01T00:00:00.000Z' }));
    expect(await new UploadSessions(folder).read(REPOSITORY, DIGEST)).toBeUndefined();
    utimesSync(path, 1, 1);
    await new UploadSessions(folder).write(REPOSITORY, OTHER, LOCATION);
    expect(files()).toHaveLength(1);
  });

  it('keeps nothing where nothing can be kept', async () => {
    writeFileSync(folder, 'a file');
    for (const sessions of [new UploadSessions(folder), new UploadSessions(undefined)]) {
      await sessions.write(REPOSITORY, DIGEST, LOCATION);
      expect(await sessions.read(REPOSITORY, DIGEST)).toBeUndefined();
      await sessions.remove(REPOSITORY, DIGEST);
    }
  });
});
