import { elementTypeCode, ownDomain } from '../onnx/encode.ts';
import type { Pointer } from './api.ts';
import { onnxRuntime } from './library.ts';
import { loadKoffi } from './native-files.cjs';
import type { ElementType } from './tensor.ts';

/** An operator with float32 results that is computed by us, on the device of one provider. */
export interface CustomOperator {
  readonly name: string;
  /** Where it computes: operators of one name and one place are the same. */
  readonly place: string;
  /** ONNX Runtime's name of the provider, whose memory inputs and outputs lie in. */
  readonly provider: string;
  /** Type of each input. */
  readonly inputs: readonly ElementType[];
  /** Shape of each output. */
  readonly outputs: readonly (readonly number[])[];
  /** Starts the computation. @param inputs, outputs addresses of the elements */
  compute(inputs: readonly Pointer[], outputs: readonly Pointer[]): void;
}

/** The version of struct OrtCustomOp that we fill in: later ones only append to it. */
const structVersion = 15n;

/** C types of an operator, and of a number of a tensor of it. */
const [operatorPointer, index] = ['void *', 'size_t'];

interface Registered extends CustomOperator {
  readonly shapes: readonly BigInt64Array[];
}

/** Operators by the address of their struct, which is also that of their kernels. */
const registered = new Map<Pointer, Registered>();
const structs = new Map<string, BigUint64Array>();
const kept: unknown[] = [];
let members: readonly Pointer[] | undefined;
/** The error of a kernel: it must not pass through ONNX Runtime. */
let failure: { readonly error: unknown } | undefined;

/** A domain of operators, for the options of a session, which it must outlive. */
export function createDomain(operators: readonly CustomOperator[]): Pointer {
  const runtime = onnxRuntime();
  const domain = runtime.create('CustomOpDomain', 'CreateCustomOpDomain', ownDomain);
  for (const operator of operators) runtime.call('CustomOpDomain_Add', domain, structOf(operator));
  return domain;
}

/** Address of an operator's struct, which lives as long as the process. */
function structOf(operator: CustomOperator): Pointer {
  const key = `${operator.place} ${operator.name}`;
  let struct = structs.get(key);
  if (!struct) {
    struct = new BigUint64Array(32);
    members ??= callbacks();
    struct.set([structVersion, ...members]);
    structs.set(key, struct);
    const shapes = operator.outputs.map((shape) => BigInt64Array.from(shape, BigInt));
    registered.set(onnxRuntime().addressOf(struct), { ...operator, shapes });
  }
  return onnxRuntime().addressOf(struct);
}

/** Runs a session. Throws what a kernel of ours threw, which may have made others fail. */
export function withOperators(run: () => void): void {
  takeFailure();
  try {
    run();
  } catch (error) {
    throw takeFailure()?.error ?? error;
  }
  const thrown = takeFailure();
  if (thrown) throw thrown.error;
}

function takeFailure(): typeof failure {
  const thrown = failure;
  failure = undefined;
  return thrown;
}

/** The functions of struct OrtCustomOp, which find their operator by the struct's address. */
function callbacks(): readonly Pointer[] {
  const texts = new Map<string, Pointer>();
  const textOf = (text: string): Pointer => {
    const known = texts.get(text);
    if (known !== undefined) return known;
    const bytes = Buffer.from(`${text}\0`);
    kept.push(bytes);
    const address = onnxRuntime().addressOf(bytes);
    texts.set(text, address);
    return address;
  };
  const koffi = loadKoffi();
  let declared = 0;
  const callback = <A extends unknown[]>(result: string, parameters: string, run: (...values: A) => unknown): Pointer =>
    koffi.register(run, koffi.pointer(koffi.proto(`${result} dynact_operator_${++declared}(${parameters})`)));
  const of = (address: Pointer) => registered.get(address)!;
  const number = (value: (operator: Registered) => number) => (address: Pointer) => value(of(address));
  const float = elementTypeCode('float32');
  const [one, at] = [operatorPointer, `${operatorPointer}, ${index}`];
  // OrtCustomOpInputOutputCharacteristic is 0 where a tensor is required, OrtMemType where it lies on the device.
  const zero = () => 0;
  return [
    callback('void *', 'void *, void *, void *', (address: Pointer) => address),
    callback('void *', one, (address: Pointer) => textOf(of(address).name)),
    callback('void *', one, (address: Pointer) => textOf(of(address).provider)),
    callback('int', at, (address: Pointer, place: number) => elementTypeCode(of(address).inputs[place]!)),
    callback(
      'size_t',
      one,
      number(({ inputs }) => inputs.length),
    ),
    callback('int', at, () => float),
    callback(
      'size_t',
      one,
      number(({ outputs }) => outputs.length),
    ),
    callback('void', 'void *, void *', compute),
    callback('void', one, () => undefined),
    callback('int', at, zero),
    callback('int', at, zero),
    callback('int', at, zero),
    callback('int', one, zero),
    callback('int', one, zero),
    callback('int', one, zero),
    callback('int', one, zero),
  ];
}

function compute(address: Pointer, context: Pointer): void {
  try {
    const runtime = onnxRuntime();
    const operator = registered.get(address)!;
    // A tensor without elements may have no address.
    const elements = (value: Pointer): Pointer => runtime.result('GetTensorMutableData', value) ?? 0n;
    const inputs = operator.inputs.map((_, place) =>
      elements(runtime.result('KernelContext_GetInput', context, place)),
    );
    const outputs = operator.shapes.map((shape, place) =>
      elements(runtime.result('KernelContext_GetOutput', context, place, shape, shape.length)),
    );
    operator.compute(inputs, outputs);
  } catch (error) {
    failure ??= { error };
  }
}
