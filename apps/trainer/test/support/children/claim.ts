/** Claims run folders: as many as the argument says, a line for each. */
import { claimRunFolder } from '@dynact/api';
import { runsDirectory } from '../../../src/places.ts';

for (let count = 0; count < Number(process.argv[2]); count++) console.log(claimRunFolder(runsDirectory(), 'train'));
