// The network of serve-mlp behind the servers that Python people use, one worker each and batches where they have them, beside ours: requests a second at 64
// connections. Each peer has an environment of its own, as their requirements do not agree.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeLoads } from '../support/describeLoads.mjs';
import { interleaveLoads } from '../support/interleaveLoads.mjs';
import { json } from '../support/json.mjs';
import { onnxMlp } from '../support/onnxMlp.mjs';
import { path } from '../support/path.mjs';
import { registerRunner } from '../support/registerRunner.mjs';
import { sameAnswers } from '../support/sameAnswers.mjs';
import { startOurs } from '../support/startOurs.mjs';
import { startServer } from '../support/startServer.mjs';
import { venv } from '../support/venv.mjs';
import { withFolder } from '../support/withFolder.mjs';

const FEATURES = [5.1, 3.5, 1.4, 0.2];
const COMMON = ['onnxruntime', 'numpy', 'uvloop', 'httptools'];
const APPS = path('bench/serve/rivals/python');
const predict = { path: '/predict', request: json({ features: FEATURES }) };

/** How each is installed, started and asked. */
const PEERS = {
  LitServe: {
    packages: ['litserve', ...COMMON],
    command: (bin) => [join(bin, 'python'), 'litserve_app.py'],
    ready: '/health',
    ...predict,
  },
  MLServer: {
    packages: ['mlserver', ...COMMON],
    command: (bin, folder) => {
      const ports = 'MLSERVER_HTTP_PORT=$PORT MLSERVER_GRPC_PORT=$((PORT + 1))';
      return ['sh', '-c', `${ports} exec ${join(bin, 'mlserver')} start ${mlserverFolder(folder)}`];
    },
    ready: '/v2/health/ready',
    path: '/v2/models/mlp/infer',
    request: json({ inputs: [{ name: 'features', shape: [1, 4], datatype: 'FP32', data: FEATURES }] }),
    read: ({ outputs }) => ({ scores: outputs[0].data }),
  },
  BentoML: {
    packages: ['bentoml', ...COMMON],
    command: (bin) => ['sh', '-c', `exec ${join(bin, 'bentoml')} serve bentoml_app:Network --port $PORT`],
    ready: '/readyz',
    path: '/predict',
    request: json({ features: [FEATURES] }),
    read: ([scores]) => ({ scores }),
  },
  FastAPI: {
    packages: ['fastapi', 'uvicorn', ...COMMON],
    command: (bin) => [join(bin, 'python'), 'fastapi_app.py'],
    ready: '/healthz',
    ...predict,
  },
};

export default function bench({ rounds = 7, seconds = 5, modes = ['inline', 'process'] } = {}) {
  return withFolder(async (folder) => {
    const model = join(folder, 'mlp.onnx');
    writeFileSync(model, onnxMlp());
    const registered = registerRunner(folder, 'mlp.runner.ts', { 'mlp.onnx': onnxMlp() });
    const contenders = {};
    const missing = [];
    try {
      for (const execution of modes) {
        const server = await startOurs(registered, { load: { execution } });
        contenders[execution] = { server, url: `${server.url}/predict`, request: predict.request };
      }
      for (const [name, peer] of Object.entries(PEERS)) {
        try {
          contenders[name] = await start(peer, folder, model);
        } catch (error) {
          // The others can be compared all the same; that this one was not is part of the result.
          console.error(`${name} could not be started: ${error.message}`);
          missing.push(name);
        }
      }
      await sameAnswers(contenders);
      const loads = await interleaveLoads(contenders, { rounds, seconds, connections: 64 });
      return [...figuresOf(contenders, loads, modes), ...missing.map(notMeasured)];
    } finally {
      await Promise.all(Object.values(contenders).map(({ server }) => server.stop()));
    }
  });
}

async function start(peer, folder, model) {
  const { bin, versions } = await venv(peer.packages[0], peer.packages);
  console.error(versions);
  const server = await startServer(peer.command(bin, folder), {
    ready: peer.ready,
    cwd: APPS,
    env: { MODEL: model, PYTHONPATH: APPS, PYTHONDONTWRITEBYTECODE: '1', BENTOML_DO_NOT_TRACK: 'True' },
  });
  return { ...peer, server: pausing(server), url: server.url + peer.path };
}

/** Some of them use a core while nothing comes: they stand still while others have their turn. */
function pausing(server) {
  const signal = (name) => server.tree().forEach((pid) => process.kill(pid, name));
  const resume = () => signal('SIGCONT');
  const stop = async () => {
    resume();
    await server.stop();
  };
  return { ...server, pause: () => signal('SIGSTOP'), resume, stop };
}

function figuresOf(contenders, loads, modes) {
  const peers = ['LitServe', 'MLServer', 'BentoML'].filter((name) => name in contenders);
  const best = peers.sort((a, b) => loads.of(b, 'rate') - loads.of(a, 'rate'))[0];
  const over = (mode, name, limit) => ({
    figure: `${mode} over ${name}${name === best ? ', best of the three' : ''}`,
    value: loads.ratio(mode, name, 'rate'),
    limit,
    atLeast: true,
    unit: 'times',
    detail: describeLoads(loads, mode, name),
  });
  return modes.flatMap((mode) =>
    [...peers, 'FastAPI']
      .filter((name) => name in contenders)
      .map((name) => {
        const limit = name === best ? 10 : name === 'FastAPI' ? 5 : undefined;
        return over(mode, name, mode === 'inline' ? limit : undefined);
      }),
  );
}

const notMeasured = (name) => ({
  figure: `${name}: not measured`,
  value: 0,
  unit: 'times',
  detail: 'it could not be installed or started here; see above',
});

function mlserverFolder(folder) {
  const place = join(folder, 'mlserver');
  mkdirSync(place, { recursive: true });
  // Without workers of its own the model runs in the server's process: the fastest that it has for a short model.
  const server = { host: '127.0.0.1', debug: false, parallel_workers: 0, metrics_endpoint: null };
  const batches = { max_batch_size: 64, max_batch_time: 0.001 };
  const model = { name: 'mlp', implementation: 'mlserver_app.Network', ...batches };
  writeFileSync(join(place, 'settings.json'), JSON.stringify(server));
  writeFileSync(join(place, 'model-settings.json'), JSON.stringify(model));
  return place;
}
