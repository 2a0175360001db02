import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { stoppedError } from '../../batching/stoppedError';
import { RunwrightError } from '../../errors/RunwrightError';
import { queueFullAnswer, toExchangeAnswer } from '../exchange/ErrorAnswer';
import type { ExchangeAnswer } from '../exchange/ExchangeAnswer';
import type { ExchangeRequest } from '../exchange/ExchangeRequest';
import { reportError } from '../exchange/reportError';
import type { Logger } from '../../metadata/contexts';
import type { ModelTable } from '../models/ModelTable';
import type { ServedModel } from '../models/ServedModel';
import { headerLength } from './headerLength';
import type { OpenRequests } from './OpenRequests';
import { collect } from './readBody';
import { requestDeadline } from './requestDeadline';
import { REQUEST_ID } from './requestIds';
import { writeAnswer } from './sendAnswer';

interface Route {
  readonly model: ServedModel;
  readonly door: 'native' | 'infer';
}

export interface HotPathOptions {
  readonly bodyLimit: number;
  readonly nextId: () => string;
  readonly requests: OpenRequests;
  /** Gets what callers are not told. */
  readonly logger: Logger;
}

const JSON_TYPES: ReadonlySet<string | undefined> = new Set([
  'application/json',
  'application/json; charset=utf-8',
  'application/json;charset=utf-8',
]);

const QUEUE_FULL = toExchangeAnswer(queueFullAnswer());

/**
 * The plainest requests, answered without Fastify, which takes as long for one as a small model does: a JSON or binary
 * body of known length for a model that does not stream. Every other request is Fastify's, and gets the same answer
 * there; so are all of them once the program has put something of its own between, such as a hook that asks who is there.
 */
export class HotPath {
  #routes = new Map<string, Route>();
  #open = true;
  #closing = false;

  constructor(
    private readonly models: ModelTable,
    private readonly options: HotPathOptions,
  ) {
    this.refresh();
  }

  /** To be called when the models have changed. */
  refresh(): void {
    this.#routes = new Map(this.models.list().flatMap((model) => this.#routesOf(model)));
  }

  /** Leaves every request to Fastify from now on; what is here already is told by its answer that the connection ends. */
  close(): void {
    this.#open = false;
    this.#closing = true;
  }

  /** Closes when the program adds what would be passed by. */
  watch(app: FastifyInstance): void {
    const close = (): void => void (this.#open = false);
    for (const method of ['addHook', 'setErrorHandler', 'setReplySerializer', 'setGenReqId'] as const) {
      const original = Reflect.get(app, method) as (...args: unknown[]) => unknown;
      const watched = function (this: unknown, ...args: unknown[]): unknown {
        if (method !== 'addHook' || PER_REQUEST.has(args[0] as string)) close();
        return original.apply(this, args);
      };
      Object.assign(app, { [method]: watched });
    }
  }

  /** True when the request is answered here. */
  take(request: IncomingMessage, response: ServerResponse): boolean {
    if (!this.#open || request.method !== 'POST') return false;
    const route = this.#routes.get(request.url as string);
    if (route === undefined) return false;
    const { headers } = request;
    const length = headers['content-length'];
    if (length === undefined || Number(length) > this.options.bodyLimit) return false;
    if (headers['content-encoding'] !== undefined) return false;
    let header: number | undefined;
    if (route.door === 'infer') {
      // Compressed answers are Fastify's too.
      if (headers['accept-encoding'] !== undefined) return false;
      header = headerLength(headers);
      if (Number.isNaN(header)) return false;
    } else if (!JSON_TYPES.has(headers['content-type']) || route.model.description.input.kind === 'binary') {
      return false;
    }
    this.#answer(route, header, request, response);
    return true;
  }

  #answer(
    { model, door }: Route,
    headerLength: number | undefined,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const requestId = (request.headers[REQUEST_ID] as string | undefined) || this.options.nextId();
    let cut = false;
    const send = (answer: ExchangeAnswer, retryAfter?: number): void =>
      writeAnswer(response, answer, { last: cut || this.#closing, requestId, retryAfter });
    const fail = (error: unknown): void => {
      const isFull = RunwrightError.is(error) && error.code === 'RW_QUEUE_FULL';
      const what = `request ${requestId} to ${request.url ?? ''} failed`;
      const answer = reportError(error, what, this.options.logger);
      send(toExchangeAnswer(answer), isFull ? model.retryAfter : undefined);
    };
    let arrived: () => void;
    let deadline: number | undefined;
    try {
      deadline = requestDeadline(request.headers, model.timeout);
      // There are many of these when there is no time for them: no error with a stack for each.
      if (model.full) return send(QUEUE_FULL, model.retryAfter);
      arrived = model.expect();
    } catch (error) {
      return fail(error);
    }
    const cancellation = this.options.requests.begin(response);
    const options = { cancellation, requestId, deadline };
    const refuse = (error: unknown): void => {
      arrived();
      // Nobody waits for the rest of the body.
      cut = true;
      fail(error);
    };
    const stopWatching = cancellation.onAbort(() => refuse(stoppedError(model.name, cancellation.reason)));
    collect(
      request,
      { limit: this.options.bodyLimit, header: headerLength ?? 0, deadline },
      (body) => {
        stopWatching();
        arrived();
        // Written out: V8 takes longer to spread what may be absent than to parse a small body.
        const exchange: ExchangeRequest = {
          door,
          form: 'json',
          body,
          stream: 'ndjson',
          modelName: model.name,
          modelVersion: model.version,
          headerLength,
        };
        model.exchange(exchange, options).then(send, fail);
      },
      refuse,
    );
  }

  #routesOf(model: ServedModel): [string, Route][] {
    if (model.description.stream) return [];
    const { version } = model;
    const name = encodeURIComponent(model.name);
    const native: Route = { model, door: 'native' };
    const infer: Route = { model, door: 'infer' };
    const routes: [string, Route][] = [];
    if (this.models.only === model) routes.push(['/predict', native]);
    if (this.models.find(model.name) === model) {
      routes.push([`/models/${name}/predict`, native], [`/v2/models/${name}/infer`, infer]);
    }
    if (version !== undefined) {
      routes.push(
        [`/models/${name}/versions/${version}/predict`, native],
        [`/v2/models/${name}/versions/${version}/infer`, infer],
      );
    }
    return routes;
  }
}

/** Hooks that are part of answering a request. */
const PER_REQUEST: ReadonlySet<string> = new Set([
  'onRequest',
  'preParsing',
  'preValidation',
  'preHandler',
  'preSerialization',
  'onSend',
  'onResponse',
  'onError',
  'onTimeout',
  'onRequestAbort',
]);
