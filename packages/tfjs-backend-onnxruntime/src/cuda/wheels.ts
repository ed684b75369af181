/** The version of ONNX Runtime, which its CUDA provider must have, too. */
export const onnxRuntimeVersion = '1.30.0';

/** CUDA's major version that the provider was built for, and the oldest driver that has it. */
export const cudaVersion = 13;
export const oldestDriver = 580;

/** Compute capabilities that the provider has machine code for: it runs on later minor versions of the same major one, too. */
export const architectures = ['7.5', '8.0', '8.6', '8.9', '9.0', '12.0'] as const;

/** A package on PyPI, of which the libraries are taken. */
export interface Wheel {
  readonly name: string;
  readonly version: string;
  /** Size of the download. */
  readonly megabytes: number;
  readonly sha256: string;
  /** Names of its libraries that are kept: others are for what this backend never calls. */
  readonly libraries: RegExp;
}

/** Packages for Linux x64. NVIDIA's are those that PyTorch takes for this version of CUDA, which the oldest driver runs. */
export const wheels: readonly Wheel[] = [
  {
    name: 'onnxruntime-gpu',
    version: onnxRuntimeVersion,
    megabytes: 247,
    sha256: '6acc0f4b3d5ac5f2984432faa59dd8fcce6775f8b43a7140afa0f322c7a703b1',
    libraries: /^libonnxruntime_providers_(cuda|shared)\.so$/,
  },
  {
    name: 'nvidia-cuda-runtime',
    version: '13.0.96',
    megabytes: 2,
    sha256: '7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548',
    libraries: /^libcudart\.so\./,
  },
  {
    name: 'nvidia-cuda-nvrtc',
    version: '13.0.88',
    megabytes: 90,
    sha256: 'ad9b6d2ead2435f11cbb6868809d2adeeee302e9bb94bcf0539c7a40d80e8575',
    libraries: /^libnvrtc(-builtins)?\.so\./,
  },
  {
    name: 'nvidia-cublas',
    version: '13.1.0.3',
    megabytes: 423,
    sha256: 'ee8722c1f0145ab246bccb9e452153b5e0515fd094c3678df50b2a0888b8b171',
    libraries: /^libcublas(Lt)?\.so\./,
  },
  {
    name: 'nvidia-curand',
    version: '10.4.0.35',
    megabytes: 60,
    sha256: '1aee33a5da6e1db083fe2b90082def8915f30f3248d5896bcec36a579d941bfc',
    libraries: /^libcurand\.so\./,
  },
  {
    name: 'nvidia-cudnn-cu13',
    version: '9.19.0.56',
    megabytes: 366,
    sha256: 'd20e1734305e9d68889a96e3f35094d733ff1f83932ebe462753973e53a572bf',
    libraries: /^libcudnn[a-z_]*\.so\./,
  },
];

/** Libraries that the provider needs, each after those that it needs itself. */
export const cudaLibraries = [
  `libcudart.so.${cudaVersion}`,
  `libnvrtc.so.${cudaVersion}`,
  `libcublasLt.so.${cudaVersion}`,
  `libcublas.so.${cudaVersion}`,
  'libcurand.so.10',
  'libcudnn.so.9',
] as const;

/** Size of the libraries when they are unpacked. */
export const installedMegabytes = 1610;
