import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Outcome, Workbench } from '../../test/support/workbench.ts';
import { SlurmCluster } from './slurm-cluster.ts';

/** A workbench with a cluster of its own. */
export class SlurmBench extends Workbench {
  readonly cluster: SlurmCluster;

  private constructor(cluster: SlurmCluster) {
    super();
    this.cluster = cluster;
    process.env.SLURM_CONF = cluster.environment.SLURM_CONF;
  }

  static async start(): Promise<SlurmBench> {
    return new SlurmBench(await SlurmCluster.start());
  }

  async succeeds(...parameters: string[]): Promise<Outcome> {
    const outcome = await this.run(...parameters);
    expect(outcome.status, outcome.stderr).toBe(0);
    return outcome;
  }

  resultOf(out: string): string {
    return readFileSync(join(this.path(out), 'comparison.json'), 'utf8');
  }
}
