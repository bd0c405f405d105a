// Which visit a part of the dataset is of, and the part as it lies in the bucket.
import type { VisitPart } from '@tapcase/domain';

export interface VisitPlace {
  readonly caseId: string;
  readonly visit: string;
}

/** As it lies in the bucket: a part, what it was made of, and what was passed over. */
export interface StoredPart extends VisitPart {
  /** File of the visit to the ETag of what was read. */
  readonly sources: Readonly<Record<string, string>>;
  /** File of the visit to the code of what is wrong with it. */
  readonly skipped: Readonly<Record<string, string>>;
}
