/** Address of something native. */
export type Pointer = bigint;

/** An argument of a C function. Arrays are passed as addresses of their elements, which must outlive what keeps them. */
export type Argument =
  | Pointer
  | number
  | null
  | string
  | ArrayBufferView
  | readonly string[]
  | (Pointer | number | null)[];

const text = 'const char *';
/** A path in the operating system's own characters. */
const path = process.platform === 'win32' ? 'const char16_t *' : text;

/**
 * Functions that return a status: place in ONNX Runtime's struct OrtApi, which is only ever appended to, and C parameters.
 * https://github.com/microsoft/onnxruntime/blob/main/include/onnxruntime/core/session/onnxruntime_c_api.h
 */
export const functions = {
  CreateEnv: [3, `int level, ${text}, _Out_ void **`],
  CreateSessionFromArray: [8, 'void *env, const void *model, size_t bytes, void *options, _Out_ void **'],
  Run: [9, 'void *session, void *options, void *names, void *inputs, size_t, void *names, size_t, void *outputs'],
  CreateSessionOptions: [10, '_Out_ void **'],
  EnableProfiling: [14, `void *options, ${path}`],
  DisableMemPattern: [17, 'void *options'],
  DisableCpuMemArena: [19, 'void *options'],
  SetSessionLogSeverityLevel: [22, 'void *options, int level'],
  SetSessionGraphOptimizationLevel: [23, 'void *options, int level'],
  SetIntraOpNumThreads: [24, 'void *options, int threads'],
  CreateCustomOpDomain: [26, `${text}, _Out_ void **`],
  CustomOpDomain_Add: [27, 'void *domain, void *operator'],
  AddCustomOpDomain: [28, 'void *options, void *domain'],
  CreateRunOptions: [39, '_Out_ void **'],
  CreateTensorAsOrtValue: [48, 'void *allocator, void *shape, size_t rank, int type, _Out_ void **'],
  CreateTensorWithDataAsOrtValue: [
    49,
    'void *info, void *data, size_t bytes, void *shape, size_t rank, int type, void *value',
  ],
  GetTensorMutableData: [51, 'void *value, _Out_ void **'],
  GetTensorShapeElementCount: [64, 'void *description, _Out_ size_t *'],
  GetTensorTypeAndShape: [65, 'void *value, _Out_ void **'],
  CreateMemoryInfo: [68, `${text}, int allocator, int id, int type, _Out_ void **`],
  AllocatorFree: [76, 'void *allocator, void *memory'],
  GetAllocatorWithDefaultOptions: [78, '_Out_ void **'],
  KernelContext_GetInput: [90, 'void *context, size_t index, _Out_ void **'],
  KernelContext_GetOutput: [91, 'void *context, size_t index, void *shape, size_t rank, _Out_ void **'],
  SessionEndProfiling: [110, 'void *session, void *allocator, _Out_ void **'],
  GetAvailableProviders: [125, '_Out_ void **names, _Out_ int *count'],
  ReleaseAvailableProviders: [126, 'void *names, int count'],
  AddSessionConfigEntry: [130, `void *options, ${text}, ${text}`],
  CreateAllocator: [131, 'void *session, void *info, _Out_ void **'],
  AddRunConfigEntry: [165, `void *options, ${text}, ${text}`],
  SessionOptionsAppendExecutionProvider_CUDA_V2: [204, 'void *options, void *cuda'],
  CreateCUDAProviderOptions: [205, '_Out_ void **'],
  UpdateCUDAProviderOptions: [206, 'void *cuda, const char **keys, const char **values, size_t count'],
  SessionOptionsAppendExecutionProvider: [
    216,
    `void *options, ${text}, const char **keys, const char **values, size_t count`,
  ],
  UpdateCUDAProviderOptionsWithValue: [263, `void *cuda, ${text}, void *value`],
} as const satisfies Record<string, readonly [place: number, parameters: string]>;

/** Functions that release what another made. */
export const releases = {
  Env: 92,
  Status: 93,
  MemoryInfo: 94,
  Session: 95,
  Value: 96,
  TensorTypeAndShapeInfo: 99,
  SessionOptions: 100,
  CustomOpDomain: 101,
  Allocator: 132,
  CUDAProviderOptions: 208,
} as const;

/** The version of the API that has all of these: a newer library has it, too. */
export const apiVersion = 22;

/** Functions in its struct OrtApi that are looked at. */
export const apiSize = 264;

/** Names of ONNX Runtime's error codes, enum OrtErrorCode. */
export const errorCodes = [
  'OK',
  'FAIL',
  'INVALID_ARGUMENT',
  'NO_SUCHFILE',
  'NO_MODEL',
  'ENGINE_ERROR',
  'RUNTIME_EXCEPTION',
  'INVALID_PROTOBUF',
  'MODEL_LOADED',
  'NOT_IMPLEMENTED',
  'INVALID_GRAPH',
  'EP_FAIL',
] as const;
