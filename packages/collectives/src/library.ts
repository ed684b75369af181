import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { InputError } from '@dynact/files';
import type koffi from 'koffi';

type Koffi = typeof koffi;
type Handle = number | bigint;

/** The functions of MPI that we call. Counts are bytes. Errors end every process: MPI's default. */
export interface MpiLibrary {
  /** For people: the name and version that it gives itself. */
  readonly version: string;
  init(): void;
  rank(): number;
  size(): number;
  /** Sends the r-th `count` bytes to rank r, and receives those of rank r as the r-th. */
  allToAll(send: ArrayBufferView, receive: ArrayBufferView, count: number): void;
  /** Receives the `count` bytes of rank r as the r-th. */
  allGather(send: ArrayBufferView, receive: ArrayBufferView, count: number): void;
  abort(code: number): void;
  finalize(): void;
}

/** Values of mpi.h that differ between implementations. */
interface Constants {
  /** How C holds a communicator or a datatype. */
  readonly handle: 'int' | 'uintptr_t';
  readonly world: Handle;
  readonly byte: Handle;
}

/** MPICH 3.1 and later, and what shares its ABI: Intel MPI, MVAPICH2, Cray MPICH. */
const mpich: Constants = { handle: 'int', world: 0x44000000, byte: 0x4c00010d };
/** The ABI of the MPI 5.0 standard, section 20. */
const standard: Constants = { handle: 'uintptr_t', world: 0x101, byte: 0x247 };
/** More than MPI_MAX_LIBRARY_VERSION_STRING of any implementation. */
const longestVersion = 8192;

/**
 * Loads an MPI library: Open MPI 4 or 5, MPICH and what shares its ABI, or one of the ABI of MPI 5.
 * @param names files, or names that the system's loader finds; the first that loads is taken
 * @throws InputError where none does
 */
export function loadMpi(names: readonly string[]): MpiLibrary {
  const koffi = loadKoffi();
  const reasons: string[] = [];
  for (const name of names) {
    try {
      // The plug-ins of Open MPI look for its symbols in the whole process.
      return bind(koffi, koffi.load(name, { global: true }), name);
    } catch (error) {
      reasons.push(`${name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  const advice = 'install the MPI that mpirun belongs to, or name its library in DYNACT_MPI';
  throw new InputError('device', `no MPI library can be loaded (${reasons.join('; ')}); ${advice}`);
}

function loadKoffi(): Koffi {
  // The package `koffi` itself would run a script when it is installed; this is its addon for one platform.
  const name = `@koromix/koffi-${process.platform}-${process.arch}`;
  try {
    return createRequire(import.meta.url)(name) as Koffi;
  } catch (error) {
    throw new InputError('device', `several processes need ${name}, which does not load here`, { cause: error });
  }
}

function bind(koffi: Koffi, library: ReturnType<Koffi['load']>, name: string): MpiLibrary {
  const { handle, world, byte } = openMpi(koffi, library) ?? (isStandard(name) ? standard : mpich);
  const init = library.func('int MPI_Init(void *argc, void *argv)');
  const rank = library.func(`int MPI_Comm_rank(${handle} communicator, _Out_ int *rank)`);
  const size = library.func(`int MPI_Comm_size(${handle} communicator, _Out_ int *size)`);
  const buffers = `const void *send, int sent, ${handle} type, void *receive, int received, ${handle} kind, ${handle} communicator`;
  const allToAll = library.func(`int MPI_Alltoall(${buffers})`);
  const allGather = library.func(`int MPI_Allgather(${buffers})`);
  const abort = library.func(`int MPI_Abort(${handle} communicator, int code)`);
  const finalize = library.func('int MPI_Finalize()');
  const version = library.func('int MPI_Get_library_version(void *text, _Out_ int *length)');
  const number = (call: (world: Handle, out: number[]) => number) => {
    const out = [0];
    call(world, out);
    return out[0]!;
  };
  const text = Buffer.alloc(longestVersion);
  version(text, [0]);
  return {
    version: text.toString('latin1', 0, text.indexOf(0)).split('\n')[0]!.trim(),
    init: () => void init(null, null),
    rank: () => number(rank),
    size: () => number(size),
    allToAll: (send, receive, count) => void allToAll(send, count, byte, receive, count, byte, world),
    allGather: (send, receive, count) => void allGather(send, count, byte, receive, count, byte, world),
    abort: (code) => void abort(world, code),
    finalize: () => void finalize(),
  };
}

/** Open MPI's handles are addresses of its own variables. @returns undefined for another MPI */
function openMpi(koffi: Koffi, library: ReturnType<Koffi['load']>): Constants | undefined {
  try {
    const address = (symbol: string) => koffi.address(library.symbol(symbol, 'char'));
    return { handle: 'uintptr_t', world: address('ompi_mpi_comm_world'), byte: address('ompi_mpi_byte') };
  } catch {
    return undefined;
  }
}

function isStandard(name: string): boolean {
  return basename(name).startsWith('libmpi_abi.');
}
