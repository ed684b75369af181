import protobuf from 'protobufjs/light.js';

/**
 * The part of tensorflow/core/util/event.proto, framework/summary.proto and tensorboard/plugins/hparams/plugin_data.proto
 * that scalars, texts, sessions and hyperparameters need. The `oneof`s matter: a number in one is written even when it is 0.
 */
const root = protobuf.Root.fromJSON({
  nested: {
    Event: {
      oneofs: { what: { oneof: ['fileVersion', 'summary', 'sessionLog'] } },
      fields: {
        wallTime: { type: 'double', id: 1 },
        step: { type: 'int64', id: 2 },
        fileVersion: { type: 'string', id: 3 },
        summary: { type: 'Summary', id: 5 },
        sessionLog: { type: 'SessionLog', id: 7 },
      },
    },
    SessionLog: { fields: { status: { type: 'int32', id: 1 } } },
    Summary: { fields: { value: { rule: 'repeated', type: 'SummaryValue', id: 1 } } },
    SummaryValue: {
      oneofs: { value: { oneof: ['simpleValue', 'tensor'] } },
      fields: {
        tag: { type: 'string', id: 1 },
        simpleValue: { type: 'float', id: 2 },
        tensor: { type: 'TensorProto', id: 8 },
        metadata: { type: 'SummaryMetadata', id: 9 },
      },
    },
    SummaryMetadata: { fields: { pluginData: { type: 'PluginData', id: 1 } } },
    PluginData: { fields: { pluginName: { type: 'string', id: 1 }, content: { type: 'bytes', id: 2 } } },
    TensorProto: {
      fields: {
        dtype: { type: 'int32', id: 1 },
        tensorShape: { type: 'TensorShapeProto', id: 2 },
        floatVal: { rule: 'repeated', type: 'float', id: 5 },
        stringVal: { rule: 'repeated', type: 'bytes', id: 8 },
      },
    },
    TensorShapeProto: { fields: { dim: { rule: 'repeated', type: 'Dim', id: 2 } } },
    Dim: { fields: { size: { type: 'int64', id: 1 } } },
    HParamsPluginData: { fields: { sessionStartInfo: { type: 'SessionStartInfo', id: 3 } } },
    SessionStartInfo: {
      fields: {
        hparams: { rule: 'repeated', type: 'HParamEntry', id: 1 },
        startTimeSecs: { type: 'double', id: 5 },
      },
    },
    // An entry of a map<string, google.protobuf.Value>.
    HParamEntry: { fields: { key: { type: 'string', id: 1 }, value: { type: 'HParam', id: 2 } } },
    HParam: {
      oneofs: { kind: { oneof: ['numberValue', 'stringValue', 'boolValue'] } },
      fields: {
        numberValue: { type: 'double', id: 2 },
        stringValue: { type: 'string', id: 3 },
        boolValue: { type: 'bool', id: 4 },
      },
    },
  },
});
const eventType = root.lookupType('Event');
const hparamsType = root.lookupType('HParamsPluginData');

/** SessionLog.START: later steps of earlier files count no more. */
export const sessionStart = 1;

export function encodeEvent(event: object): Uint8Array {
  return eventType.encode(event).finish();
}

/** The content of a session's HParams record: numbers, texts and booleans as such, anything else as JSON. */
export function encodeHParams(hparams: Readonly<Record<string, unknown>>, startTimeSecs: number): Uint8Array {
  const entries = Object.entries(hparams).map(([key, value]) => ({ key, value: hparam(value) }));
  return hparamsType.encode({ sessionStartInfo: { hparams: entries, startTimeSecs } }).finish();
}

function hparam(value: unknown): object {
  if (typeof value === 'number') return { numberValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return { stringValue: typeof value === 'string' ? value : JSON.stringify(value) };
}
