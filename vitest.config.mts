import { defineConfig } from 'vitest/config';

const alias = {
  'runwright/onnx': new URL('./src/models/onnx/index.ts', import.meta.url).pathname,
  'runwright/torch': new URL('./src/models/torch/index.ts', import.meta.url).pathname,
  'runwright/testing': new URL('./src/testing/index.ts', import.meta.url).pathname,
  'runwright/server': new URL('./src/server/index.ts', import.meta.url).pathname,
  runwright: new URL('./src/index.ts', import.meta.url).pathname,
};
const decorator = (emitDecoratorMetadata: boolean) => ({
  oxc: { decorator: { legacy: true, emitDecoratorMetadata } },
  resolve: { alias },
});
const shared = {
  environment: 'node' as const,
  testTimeout: 30_000,
  hookTimeout: 120_000,
  // A bundle is imported with a query that names its host; inlined, it would lose it.
  server: { deps: { external: [/[?&]host=/] } },
};

export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default', './test/reporters/SkippedReporter.ts'],
    projects: [
      {
        ...decorator(true),
        test: { ...shared, name: 'unit', include: ['test/unit/**/*.test.ts', 'examples/**/*.test.ts'] },
      },
      {
        // Toolchains such as esbuild emit no `design:*` metadata: everything must hold without it.
        ...decorator(false),
        test: {
          ...shared,
          name: 'unit-no-metadata',
          include: ['test/unit/**/*.test.ts', 'examples/**/*.test.ts'],
          // They stand below the decorators.
          exclude: ['test/unit/{artifact,batching,errors,registry}/**'],
        },
      },
      {
        ...decorator(true),
        test: {
          ...shared,
          name: 'integration',
          testTimeout: 120_000,
          include: ['test/{integration,package,interop}/**/*.test.ts'],
        },
      },
      {
        ...decorator(true),
        test: {
          ...shared,
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            tsconfig: './test/types/tsconfig.json',
            include: ['test/types/**/*.test-d.ts'],
          },
        },
      },
    ],
  },
});
