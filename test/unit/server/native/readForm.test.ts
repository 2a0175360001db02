import 'reflect-metadata';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import multipart from '@fastify/multipart';
import Fastify from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { createClassSchema } from '../../../../src/schema/createClassSchema';
import { IsFile } from '../../../../src/schema/IsFile';
import type { UploadedFile } from '../../../../src/schema/UploadedFile';
import { readForm } from '../../../../src/server/native/readForm';

class Picture {
  @IsFile() image!: UploadedFile;
}

it.runIf(process.platform !== 'win32')(
  'does not fail before the file that it was opening is closed: nobody could remove it',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'runwright-form-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    // It takes as long to open as nobody reads.
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const app = Fastify();
    await app.register(multipart);
    const input = createClassSchema(Picture, false);
    const limits = { bodyLimit: 1000, fileLimit: 1000 };
    let read = false;
    app.post('/', async (request) => {
      try {
        return await readForm(request, { className: 'Pictures', input }, limits, {
          newFile: () => Promise.resolve(path),
          end: () => undefined,
        });
      } finally {
        read = true;
      }
    });
    const answer = app.inject({
      method: 'POST',
      url: '/',
      headers: { 'content-type': 'multipart/form-data; boundary=xyz' },
      payload: '--xyz\r\ncontent-disposition: form-data; name="image"; filename="a.png"\r\n\r\nabc',
    });
    await sleep(200);
    expect(read).toBe(false);
    await readFile(path);
    await answer;
    expect(read).toBe(true);
  },
);
