// Bare Fastify with a JSON schema that is equal to the classes of noop.runner.ts, for both sides.
import fastify from 'fastify';

const string = { type: 'string' };
const object = (required, optional = {}) => ({
  type: 'object',
  properties: { ...required, ...optional },
  required: Object.keys(required),
  additionalProperties: false,
});

const body = object(
  {
    name: { ...string, maxLength: 100 },
    email: { ...string, format: 'email' },
    age: { type: 'integer', minimum: 0, maximum: 150 },
    income: { type: 'number', minimum: 0 },
    housing: { enum: ['owner', 'tenant', 'other'] },
    employed: { type: 'boolean' },
    tags: { type: 'array', items: string },
  },
  { comment: string },
);
const response = { 200: object({ accepted: { type: 'boolean' } }) };

const app = fastify({ logger: false, ajv: { customOptions: { coerceTypes: false } } });
app.post('/predict', { schema: { body, response } }, (request, reply) => {
  reply.send({ accepted: request.body.employed });
});
app.get('/healthz', () => ({ status: 'ok' }));
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
process.once('SIGTERM', () => void app.close());
