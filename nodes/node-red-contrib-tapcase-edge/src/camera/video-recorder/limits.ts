// What the recorder's numbers may be, and what they are where nobody says otherwise.

/** Names have whole seconds: two files that began in one second would have one name. */
export const SEGMENT_SECONDS_MIN = 2;
export const SEGMENT_SECONDS_MAX = 300;
/**
 * A visit's video is complete 20 s after its post-roll at the latest, and a day of one camera is 4,320 files, which any file
 * system takes. Shorter files only mean more of them: what a crash costs depends on the fragments, not on the files.
 */
export const SEGMENT_SECONDS = 20;
/**
 * 32 GB less 8 GB for the system are 24 GB, 12 GB for each of two cameras, of which 0.5 GB are for pins. 11.5 GB hold
 * 24 hours of 1.06 Mbit/s (23.2 hours of 1.1).
 */
export const RING_GIGABYTES = 11.5;
export const RING_HOURS = 24;
/** Some 36 visits of a minute and a half. */
export const PIN_GIGABYTES = 0.5;
/** Who disputes a charge does so within a month, or has a bank ask for the picture. */
export const PIN_DAYS = 30;
/** What waits to be reported, the flows and the logs live on the same card. */
export const RESERVE_MEGABYTES = 512;
export const PRE_ROLL_SECONDS = 5;
export const POST_ROLL_SECONDS = 5;

/** As properties: the computer's have a default, a recorder's own have none. */
export const RING = {
  segmentSeconds: { kind: 'number', unit: 's', min: SEGMENT_SECONDS_MIN, max: SEGMENT_SECONDS_MAX },
  preRollSeconds: { kind: 'number', unit: 's', min: 0, max: 60 },
  postRollSeconds: { kind: 'number', unit: 's', min: 0, max: 60 },
  ringHours: { kind: 'number', unit: 'h', min: 0.1, max: 720 },
  ringGigabytes: { kind: 'number', unit: 'GB', min: 0.01, max: 10_000 },
  pinDays: { kind: 'number', unit: 'days', min: 1, max: 366 },
  pinGigabytes: { kind: 'number', unit: 'GB', min: 0.01, max: 10_000 },
  reserveMegabytes: { kind: 'number', unit: 'MB', min: 1, max: 100_000 },
} as const;

export const BYTES_PER_GIGABYTE = 1_000_000_000;
export const BYTES_PER_MEGABYTE = 1_000_000;
export const MS_PER_HOUR = 3_600_000;
export const MS_PER_DAY = 86_400_000;
