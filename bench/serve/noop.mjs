// A runner that does nothing but validate eight fields, beside bare Fastify with an equal JSON schema, and beside Nest on
// Fastify with its ValidationPipe: requests a second at 64 connections.
import { describeLoads } from '../support/describeLoads.mjs';
import { interleaveLoads } from '../support/interleaveLoads.mjs';
import { json } from '../support/json.mjs';
import { versionsOf } from '../support/machine.mjs';
import { path } from '../support/path.mjs';
import { registerRunner } from '../support/registerRunner.mjs';
import { sameAnswers } from '../support/sameAnswers.mjs';
import { startOurs } from '../support/startOurs.mjs';
import { startServer } from '../support/startServer.mjs';
import { withFolder } from '../support/withFolder.mjs';

const RIVALS = { fastify: 'fastifyNoop.mjs', nest: 'nestNoop.mjs' };
const APPLICANT = {
  name: 'Ada Lovelace',
  email: 'ada@example.org',
  age: 36,
  income: 52_000.5,
  housing: 'owner',
  employed: true,
  tags: ['new', 'referred'],
  comment: 'asks for a call',
};

export default function bench({ rounds = 7, seconds = 5, modes = ['inline', 'process'] } = {}) {
  return withFolder(async (folder) => {
    console.error(versionsOf('fastify', '@nestjs/core', '@nestjs/platform-fastify', 'class-validator'));
    const registered = registerRunner(folder, 'noop.runner.ts');
    const servers = {};
    try {
      for (const [name, file] of Object.entries(RIVALS)) {
        const command = [process.execPath, path(`bench/serve/rivals/${file}`)];
        servers[name] = await startServer(command, { ready: '/healthz' });
      }
      for (const execution of modes) {
        servers[execution] = await startOurs(registered, { load: { execution } });
      }
      const contenders = Object.fromEntries(
        Object.entries(servers).map(([name, server]) => [
          name,
          { server, url: `${server.url}/predict`, request: json(APPLICANT) },
        ]),
      );
      await sameAnswers(contenders);
      const loads = await interleaveLoads(contenders, { rounds, seconds, connections: 64 });
      const over = (mode, rival) => ({
        figure: `${mode} over ${rival}`,
        value: loads.ratio(mode, rival, 'rate'),
        unit: 'times',
        detail: describeLoads(loads, mode, rival),
      });
      const overRivals = (mode) => [
        { ...over(mode, 'nest'), ...(mode === 'inline' && { limit: 1, atLeast: true }) },
        over(mode, 'fastify'),
      ];
      return [...modes.flatMap(overRivals), over('nest', 'fastify')];
    } finally {
      await Promise.all(Object.values(servers).map((server) => server.stop()));
    }
  });
}
