// One file for each door of the package and a few that they share: loading two hundred small files costs more than all
// that is in them. Types come from tsc (src/tsconfig.json).
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'rolldown';
import manifest from './package.json' with { type: 'json' };

const packages = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];

/** The programs of src/models/torch/python, which Python runs from dist/python. */
const python = {
  name: 'python',
  generateBundle() {
    const folder = new URL('./src/models/torch/python/', import.meta.url);
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.py'))) {
      this.emitFile({
        type: 'asset',
        fileName: `python/${file}`,
        source: readFileSync(new URL(file, folder)),
      });
    }
  },
};

/** A file of those modules that loading the root entry loads. */
function rootGroup(name, test) {
  let reached;
  return {
    test,
    debugName: name,
    name(id, context) {
      reached ??= reachedBy(fileURLToPath(new URL('src/index.ts', import.meta.url)), context);
      return reached.has(id) ? name : null;
    },
  };
}

/** By static imports. */
function reachedBy(entry, context) {
  const reached = new Set([entry]);
  for (const id of reached)
    for (const imported of context.getModuleInfo(id)?.importedIds ?? []) reached.add(imported);
  return reached;
}

export default defineConfig({
  input: {
    index: 'src/index.ts',
    'models/onnx/index': 'src/models/onnx/index.ts',
    'models/torch/index': 'src/models/torch/index.ts',
    'testing/index': 'src/testing/index.ts',
    'server/index': 'src/server/index.ts',
    'cli/main': 'src/cli/main.ts',
    'registrar/onnxMain': 'src/registrar/torch/onnxMain.ts',
    'registrar/checkMain': 'src/registrar/checkMain.ts',
    'registrar/workerMain': 'src/registrar/workerMain.ts',
  },
  logLevel: 'warn',
  plugins: [python],
  platform: 'node',
  tsconfig: false,
  external: (id) =>
    id.startsWith('node:') || packages.some((name) => id === name || id.startsWith(`${name}/`)),
  transform: { target: 'node20' },
  output: {
    dir: 'dist',
    format: 'cjs',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    keepNames: true,
    comments: false,
    // What always loads together is one file. Of what the root entry loads at once, the command line, which often needs less,
    // has errors and registry apart; what it loads later is kept out of those files.
    codeSplitting: {
      groups: [
        { name: 'errors', test: /src\/errors\// },
        rootGroup('registry', /src\/(artifact|registry)\//),
        rootGroup('runner', /src\/(metadata|decorators|schema|scanner|lifecycle|batching)\//),
        rootGroup('verbs', /src\/(?!index)/),
        { name: 'package', test: /src\/packer\/(package|manifest|artifacts|host)\// },
        { name: 'blobs', test: /src\/artifact\// },
        // Otherwise what both sides use would be in the worker's program, and its parent would run that.
        { name: 'workers', test: /src\/execution\/(pool|transport|wire)\// },
        // What the drivers for the network share: the first call to such a registry loads it.
        { name: 'remote', test: /src\/registry\/(http|remote)\// },
      ],
    },
  },
});
