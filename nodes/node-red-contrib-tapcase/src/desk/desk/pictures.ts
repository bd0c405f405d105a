// The pictures of a visit as rows of a table: one for each camera, before beside after.
import type { Moment, PictureUpload } from '@tapcase/domain';
import { fileIn } from '../../shop/pictures/port.ts';

/** Nothing, as a picture: a table would show an empty address as a broken one. */
const BLANK = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';

// A type, not an interface: tables take records.
export type PictureRow = { readonly camera: string; readonly before: string; readonly after: string };

/** Addresses that staff alone may fetch. */
export function pictureRows(files: readonly PictureUpload[]): readonly PictureRow[] {
  const pictures = files.filter(({ kind }) => kind === 'jpg');
  const address = (camera: string, moment: Moment) => {
    const found = pictures.find((each) => each.camera === camera && each.moment === moment);
    return found === undefined ? BLANK : `/api/staff/visits/${found.visit}/pictures/${fileIn(found)}`;
  };
  const cameras = [...new Set(pictures.map(({ camera }) => camera))].sort();
  return cameras.map((camera) => ({
    camera: `Camera ${camera}`,
    before: address(camera, 'before'),
    after: address(camera, 'after'),
  }));
}
