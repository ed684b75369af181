/** Calls of a service that lives in a worker: each answered by its value or its error, one after the other. */

interface Call {
  readonly id: number;
  readonly method: string;
  readonly values: readonly unknown[];
}

type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly problem: string; readonly isInput: boolean };

/** Fault of the user's input or browser: the page shows it as it is. */
class Problem extends Error {}

/** One sentence for whoever sees the page. */
export function problemOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const isInput = error instanceof Problem || (error instanceof Error && error.name === 'InputError');
  return isInput ? message : `something went wrong: ${message}`;
}

type Method = (...values: never[]) => unknown;

/** A service as the page sees it. */
export type Remote<Service> = {
  readonly [Name in keyof Service]: Service[Name] extends (...values: infer Values) => infer Value
    ? (...values: Values) => Promise<Awaited<Value>>
    : never;
};

/** The end of a channel: a worker, or its global scope. */
type Port = Pick<Worker, 'postMessage' | 'addEventListener'>;

/** Answers calls with the methods of `service`. Calls wait for each other, so that none finds a model half changed. */
export function answerCalls(service: Readonly<Record<string, Method>>, port: Port): void {
  let before: Promise<unknown> = Promise.resolve();
  port.addEventListener('message', (event) => {
    const call = event.data as Call;
    before = before.then(async () => port.postMessage(await answer(service, call)));
  });
}

async function answer(service: Readonly<Record<string, Method>>, { id, method, values }: Call): Promise<Answer> {
  try {
    return { id, value: await service[method]!(...(values as never[])) };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { id, problem, isInput: error instanceof Error && error.name === 'InputError' };
  }
}

/** The service that answers in `worker`. A script that does not load answers nothing, so its error is every call's. */
export function callsTo<Service>(worker: Worker): Remote<Service> {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let calls = 0;
  worker.addEventListener('message', (event) => {
    const answer = event.data as Answer;
    const call = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('value' in answer) call?.resolve(answer.value);
    else call?.reject(answer.isInput ? new Problem(answer.problem) : new Error(answer.problem));
  });
  worker.addEventListener('error', (event) => {
    for (const { reject } of waiting.values()) reject(new Error(event.message));
    waiting.clear();
  });
  const call = (method: string, values: readonly unknown[]) =>
    new Promise((resolve, reject) => {
      const id = calls++;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, method, values } satisfies Call);
    });
  const methods = {
    get:
      (_: object, method: string) =>
      (...values: unknown[]) =>
        call(method, values),
  };
  return new Proxy({}, methods) as Remote<Service>;
}
