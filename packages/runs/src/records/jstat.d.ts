/** The part of jstat that is used; the library brings no types. */
declare module 'jstat' {
  interface StudentT {
    /** The quantile function of Student's t distribution. */
    inv(probability: number, degreesOfFreedom: number): number;
  }
  const library: { readonly jStat: { readonly studentt: StudentT } };
  export default library;
}
