// One file for each door of the package and a few that they share: loading two hundred small files costs more than all
// that is in them. Types come from tsc (src/tsconfig.json).
import { readdirSync, readFileSync } from 'node:fs';
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
    // What always loads together is one file; the command line, which often needs less, has errors and registry apart.
    codeSplitting: {
      groups: [
        { name: 'errors', test: /src\/errors\// },
        { name: 'registry', test: /src\/(artifact\/|registry\/(local\/|[^/]+$))/ },
        { name: 'runner', test: /src\/(metadata|decorators|schema|scanner|lifecycle|models\/value)\// },
        { name: 'package', test: /src\/packer\/(package|manifest|artifacts|host)\// },
        // The root entry loads all of them.
        {
          name: 'verbs',
          test: /src\/registrar\/(?:(?:alias|copy|load|pull|read|resolve|create)Model|listModels|splitReferenceUrl|withPublication|openTarget|entryPath|checkCombination|buildPackage|modelSaver|RegistrationGuard)\.ts$/,
        },
        // Otherwise what both sides use would be in the worker's program, and its parent would run that.
        { name: 'workers', test: /src\/execution\/(pool|transport|wire)\// },
        // What the drivers for the network share: the first call to such a registry loads it.
        { name: 'remote', test: /src\/registry\/(http|remote)\// },
      ],
    },
  },
});
