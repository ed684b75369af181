/** A stretch of a document's text. The parts of a document follow each other; the next document begins after `last`. */
export interface DocumentPart {
  /** The document's name: what splits by name go by, and what messages say. */
  readonly document: string;
  readonly text: string;
  readonly last: boolean;
}

/** One file of a corpus, found and readable. */
export interface SourceFile {
  /** What messages and splits by file go by: the path as the manifest gives it, or below the folder. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

/** The name of the document that a whole file is: its name without folders and endings. */
export function documentName(fileName: string): string {
  const base = fileName.slice(fileName.lastIndexOf('/') + 1);
  const dot = base.indexOf('.', 1);
  return dot < 0 ? base : base.slice(0, dot);
}
