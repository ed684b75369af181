import * as tf from '@tensorflow/tfjs';

export interface TinyGptOptions {
  vocabulary: number;
  width: number;
  layers: number;
  heads: number;
  context: number;
  batch: number;
}

/** A small GPT in plain tfjs operations with Adam, to try a backend with: not the model of this project. */
export class TinyGpt {
  readonly #options: TinyGptOptions;
  readonly #variables = new Map<string, tf.Variable>();
  readonly #moments = new Map<string, [tf.Variable, tf.Variable]>();
  readonly #mask: tf.Tensor;
  #seed = 0;

  constructor(options: TinyGptOptions) {
    this.#options = options;
    const { vocabulary, width, layers, context } = options;
    this.#parameter('embedding', [vocabulary, width]);
    this.#parameter('positions', [context, width]);
    for (let layer = 0; layer < layers; layer++) {
      this.#parameter(`attention${layer}`, [width, 3 * width]);
      this.#parameter(`output${layer}`, [width, width]);
      this.#parameter(`gate${layer}`, [width, 2 * width]);
      this.#parameter(`up${layer}`, [width, 2 * width]);
      this.#parameter(`down${layer}`, [2 * width, width]);
    }
    this.#mask = tf.tensor(
      Float32Array.from({ length: context * context }, (_, i) => (i % context > Math.floor(i / context) ? -1e9 : 0)),
      [context, context],
    );
  }

  get variables(): tf.Variable[] {
    return [...this.#variables.values()];
  }

  /** Token ids of step `step`, and the token after each: the same on every backend. */
  batch(step: number): [tf.Tensor, tf.Tensor] {
    const { vocabulary, batch, context } = this.#options;
    const ids = Int32Array.from({ length: batch * context }, (_, i) => (i * i + 31 * step + i) % vocabulary);
    const next = ids.map((id) => (id * 7 + 3) % vocabulary);
    return [tf.tensor(ids, [batch * context], 'int32'), tf.tensor(next, [batch * context], 'int32')];
  }

  /** One step of Adam without bias correction. @returns the loss before it */
  step(ids: tf.Tensor, next: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const { value, grads } = tf.variableGrads(
        () => this.#loss(ids as tf.Tensor1D, next as tf.Tensor1D),
        this.variables,
      );
      for (const [name, variable] of this.#variables) {
        const gradient = grads[variable.name] as tf.Tensor;
        const [mean, square] = this.#moments.get(name) as [tf.Variable, tf.Variable];
        mean.assign(tf.add(tf.mul(mean, 0.9), tf.mul(gradient, 0.1)));
        square.assign(tf.add(tf.mul(square, 0.95), tf.mul(tf.square(gradient), 0.05)));
        variable.assign(tf.sub(variable, tf.mul(1e-3, tf.div(mean, tf.add(tf.sqrt(square), 1e-6)))));
      }
      return value;
    });
  }

  #parameter(name: string, shape: number[]): void {
    this.#seed++;
    this.#variables.set(name, tf.variable(tf.randomNormal(shape, 0, 0.02, 'float32', this.#seed)));
    this.#moments.set(name, [tf.variable(tf.zeros(shape), false), tf.variable(tf.zeros(shape), false)]);
  }

  #get<T extends tf.Tensor>(name: string): T {
    return this.#variables.get(name) as unknown as T;
  }

  #loss(ids: tf.Tensor1D, next: tf.Tensor1D): tf.Scalar {
    const { vocabulary, width, layers, context, batch } = this.#options;
    const embedded = tf.reshape(tf.gather(this.#get<tf.Tensor2D>('embedding'), ids), [batch, context, width]);
    let stream = tf.reshape(tf.add(embedded, this.#get('positions')), [batch * context, width]) as tf.Tensor2D;
    for (let layer = 0; layer < layers; layer++) {
      stream = tf.add(stream, this.#attention(normalize(stream), layer));
      const input = normalize(stream);
      const gate = tf.matMul(input, this.#get<tf.Tensor2D>(`gate${layer}`));
      const middle = tf.mul(tf.mul(gate, tf.sigmoid(gate)), tf.matMul(input, this.#get<tf.Tensor2D>(`up${layer}`)));
      stream = tf.add(stream, tf.matMul(middle, this.#get<tf.Tensor2D>(`down${layer}`)) as tf.Tensor2D);
    }
    const logits = tf.matMul(normalize(stream), this.#get<tf.Tensor2D>('embedding'), false, true);
    const ofNext = tf.sum(tf.mul(tf.logSoftmax(logits), tf.oneHot(next, vocabulary)), 1);
    return tf.neg(tf.mean(ofNext));
  }

  #attention(x: tf.Tensor2D, layer: number): tf.Tensor2D {
    const { width, heads, context, batch } = this.#options;
    const joined = tf.reshape(tf.matMul(x, this.#get<tf.Tensor2D>(`attention${layer}`)), [batch, context, 3 * width]);
    const [query, key, value] = tf
      .split(joined, 3, 2)
      .map((part) => tf.transpose(tf.reshape(part, [batch, context, heads, width / heads]), [0, 2, 1, 3])) as [
      tf.Tensor4D,
      tf.Tensor4D,
      tf.Tensor4D,
    ];
    const scores = tf.mul(tf.matMul(query, key, false, true), 1 / Math.sqrt(width / heads));
    const attended = tf.matMul(tf.softmax(tf.add(scores, this.#mask)) as tf.Tensor4D, value);
    const rows = tf.reshape(tf.transpose(attended, [0, 2, 1, 3]), [batch * context, width]) as tf.Tensor2D;
    return tf.matMul(rows, this.#get<tf.Tensor2D>(`output${layer}`));
  }
}

function normalize(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), 1, true), 1e-5)));
}
