// What an expert writes by hand to serve the network: Fastify, a JSON schema for both sides (so that answers are serialised by
// generated code), one session with one thread, a tensor for each request. No logger, no hooks.
import fastify from 'fastify';
import ort from 'onnxruntime-node';

const { InferenceSession, Tensor } = ort;
const LABELS = ['setosa', 'versicolor', 'virginica'];
const session = await InferenceSession.create(process.argv[2], {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
});

async function scoresOf(features) {
  const { scores } = await session.run({
    features: new Tensor('float32', Float32Array.from(features), [1, features.length]),
  });
  return scores.data;
}

const object = (properties) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const number = { type: 'number' };
const numbers = (count) => ({ type: 'array', items: number, minItems: count, maxItems: count });

const app = fastify({ logger: false, ajv: { customOptions: { coerceTypes: false } } });

const tensor = { body: object({ features: numbers(4) }), response: { 200: object({ scores: numbers(3) }) } };
app.post('/tensor', { schema: tensor }, async ({ body }) => ({
  scores: Array.from(await scoresOf(body.features)),
}));

const dto = {
  body: object({ sepalLength: number, sepalWidth: number, petalLength: number, petalWidth: number }),
  response: { 200: object({ species: { type: 'string' }, confidence: number }) },
};
app.post('/dto', { schema: dto }, async ({ body }) => {
  const scores = await scoresOf([body.sepalLength, body.sepalWidth, body.petalLength, body.petalWidth]);
  const confidence = Math.max(...scores);
  return { species: LABELS[scores.indexOf(confidence)], confidence };
});

app.get('/healthz', () => ({ status: 'ok' }));
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
process.once('SIGTERM', () => void app.close());
