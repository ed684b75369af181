/** How commands end, as shells and clusters read it. */
export const exitCodes = {
  success: 0,
  /** A failure of the program's own. */
  failure: 1,
  /** Wrong usage or input: calling again without mending it fails again. */
  wrongInput: 2,
  /** EX_TEMPFAIL: calling again goes on. */
  callAgain: 75,
  interrupted: 130,
  SIGHUP: 129,
  SIGINT: 130,
  SIGTERM: 143,
} as const;
