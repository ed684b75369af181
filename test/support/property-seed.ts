import fc from 'fast-check';

/** Property tests draw the same inputs every time, so that a test that passed here passes on the next machine. Set
 * DYNACT_PROPERTY_SEED to another integer to draw others. */
fc.configureGlobal({ seed: Number(process.env.DYNACT_PROPERTY_SEED ?? 1) });
