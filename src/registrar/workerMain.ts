import 'reflect-metadata';
import { runWorker } from '../execution/runWorker';
import { loadModel } from './loadModel';
import { loadSpec } from './loadSpec';
import type { RunnerSpec } from './RunnerSpec';

// The program of a thread or process that a runner works in.
runWorker((spec, options) => loadSpec(spec as RunnerSpec, options, loadModel));
