import { InputError } from '@dynact/files';
import { loadMpi, type MpiLibrary } from './library.ts';

type Environment = NodeJS.ProcessEnv;

/** Where Open MPI, MPICH and Slurm say how many processes they have started. */
const sizeVariables = ['OMPI_COMM_WORLD_SIZE', 'PMI_SIZE'];
const sizeOfPmix = 'SLURM_STEP_NUM_TASKS';
const localRankVariables = ['OMPI_COMM_WORLD_LOCAL_RANK', 'MPI_LOCALRANKID', 'PMI_LOCAL_RANK', 'SLURM_LOCALID'];
const openMpi = ['libmpi.so.40', 'libmpi.40.dylib'];
const mpich = ['libmpi.so.12', 'libmpich.so.12', 'libmpi.12.dylib'];
const standard = ['libmpi_abi.so.1', 'libmpi_abi.so.0', 'libmpi_abi.0.dylib'];

/** The processes that mpirun or srun started together, and this one's place among them. */
export class Ranks {
  readonly rank: number;
  readonly size: number;
  readonly #mpi: MpiLibrary;

  private constructor(mpi: MpiLibrary) {
    this.#mpi = mpi;
    mpi.init();
    this.rank = mpi.rank();
    this.size = mpi.size();
  }

  /**
   * Joins the others. @returns undefined where this process was started alone: MPI is not even loaded then
   * @throws InputError where the library is not of the mpirun that started this
   */
  static join(environment: Environment = process.env): Ranks | undefined {
    const announced = announcedSize(environment);
    if (announced === 1) return undefined;
    const ranks = new Ranks(loadMpi(librariesOf(environment)));
    if (announced !== undefined && announced !== ranks.size) {
      throw new InputError(
        'device',
        `mpirun started ${announced} processes, but ${ranks.library} knows of ${ranks.size}; name the library of that mpirun in DYNACT_MPI`,
      );
    }
    return ranks;
  }

  /** For people: the MPI in use. */
  get library(): string {
    return this.#mpi.version;
  }

  /** Every rank's numbers, one rank behind another. All ranks give equally many. */
  gather(numbers: readonly number[]): Float64Array {
    const own = new Float64Array(new ArrayBuffer(8 * numbers.length));
    own.set(numbers);
    const all = new Float64Array(new ArrayBuffer(own.byteLength * this.size));
    this.#mpi.allGather(own, all, own.byteLength);
    return all;
  }

  /** Every rank's values, one rank behind another. @param all [ranks x values] */
  gatherInto(own: Float32Array, all: Float32Array): void {
    this.#mpi.allGather(own, all, own.byteLength);
  }

  /** Sends the r-th part of `send` to rank r; the r-th of `receive` is that of rank r. Both are of [ranks x part]. */
  exchange(send: Float32Array, receive: Float32Array): void {
    this.#mpi.allToAll(send, receive, send.byteLength / this.size);
  }

  /** Returns when every rank has come here. */
  meet(): void {
    this.gather([0]);
  }

  /** Leaves; every rank does. */
  leave(): void {
    this.#mpi.finalize();
  }

  /** Ends all ranks now. */
  abort(code: number): void {
    this.#mpi.abort(code);
  }
}

/** Calls of `Ranks` that training makes. */
export type Peers = Pick<Ranks, 'rank' | 'size' | 'exchange' | 'gather' | 'gatherInto' | 'meet'>;

/** How many processes were started together; undefined where they are to find out. */
function announcedSize(environment: Environment): number | undefined {
  const isPmix = environment.PMIX_RANK !== undefined;
  const names = isPmix ? [...sizeVariables, sizeOfPmix] : sizeVariables;
  const size = names.map((name) => environment[name]).find((text) => text !== undefined);
  return size === undefined ? (isPmix ? undefined : 1) : Number(size);
}

function librariesOf(environment: Environment): string[] {
  const { DYNACT_MPI: named, OMPI_COMM_WORLD_SIZE: openMpiSize, PMI_SIZE: mpichSize } = environment;
  if (named !== undefined) return [named];
  if (openMpiSize !== undefined) return [...openMpi, ...standard];
  return mpichSize === undefined ? [...openMpi, ...mpich, ...standard] : [...mpich, ...standard];
}

/** This process's number among those on its machine; undefined where it was started alone. */
export function localRank(environment: Environment = process.env): number | undefined {
  const value = localRankVariables.map((name) => environment[name]).find((text) => text !== undefined);
  return value === undefined ? undefined : Number(value);
}
