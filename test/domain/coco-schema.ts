// COCO's object detection format as a JSON Schema, written from cocodataset.org/#format-data, and what a file must keep to
// besides: numbers that refer to something, boxes that lie in their picture.
import assert from 'node:assert/strict';
import type { Coco } from '@tapcase/domain';
import { Ajv } from 'ajv';

const text = { type: 'string' };
const id = { type: 'integer', minimum: 0 };
const SCHEMA = {
  type: 'object',
  required: ['info', 'licenses', 'categories', 'images', 'annotations'],
  additionalProperties: false,
  properties: {
    info: {
      type: 'object',
      required: ['year', 'version', 'description', 'contributor', 'url', 'date_created'],
      properties: {
        year: { type: 'integer' },
        version: text,
        description: text,
        contributor: text,
        url: text,
        date_created: { type: 'string', pattern: '^(\\d{4}/\\d\\d/\\d\\d)?$' },
      },
    },
    licenses: {
      type: 'array',
      items: { type: 'object', required: ['id', 'name', 'url'], properties: { id, name: text, url: text } },
    },
    categories: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'name', 'supercategory'],
        properties: { id, name: { type: 'string', minLength: 1 }, supercategory: text },
      },
    },
    images: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'width', 'height', 'file_name', 'license', 'date_captured'],
        properties: {
          id,
          width: { type: 'integer', minimum: 1 },
          height: { type: 'integer', minimum: 1 },
          file_name: text,
          license: id,
          date_captured: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d$' },
        },
      },
    },
    annotations: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'image_id', 'category_id', 'segmentation', 'area', 'bbox', 'iscrowd'],
        properties: {
          id: { type: 'integer', minimum: 1 },
          image_id: id,
          category_id: id,
          segmentation: { type: 'array', items: { type: 'array', items: { type: 'number' }, minItems: 6 } },
          area: { type: 'number', exclusiveMinimum: 0 },
          bbox: { type: 'array', items: { type: 'number', minimum: 0 }, minItems: 4, maxItems: 4 },
          iscrowd: { enum: [0, 1] },
          score: { type: 'number', minimum: 0, maximum: 1 },
        },
      },
    },
  },
};

const validate = new Ajv({ allErrors: true }).compile(SCHEMA);

export function assertCoco(value: unknown): asserts value is Coco {
  assert.ok(validate(value), JSON.stringify(validate.errors, null, 2));
  const { images, annotations, categories, licenses } = value as unknown as Coco;
  const byId = new Map(images.map((image) => [image.id, image]));
  assert.equal(byId.size, images.length, 'an image id stands twice');
  assert.equal(new Set(images.map(({ file_name }) => file_name)).size, images.length, 'a file stands twice');
  assert.equal(new Set(annotations.map((one) => one.id)).size, annotations.length, 'an annotation id stands twice');
  assert.deepEqual(
    categories.map((one) => one.id),
    [...categories.keys()],
    'ids are not 0, 1, 2 …',
  );
  assert.ok(images.every(({ license }) => licenses.some((one) => one.id === license)));
  for (const { image_id, category_id, bbox, area } of annotations) {
    const image = byId.get(image_id);
    assert.ok(image !== undefined, `annotation of image ${image_id}, which is not there`);
    assert.ok(categories.some((one) => one.id === category_id));
    const [x, y, w, h] = bbox;
    // Hundredths are not exact in binary.
    assert.ok(x + w <= image.width + 0.001 && y + h <= image.height + 0.001, `${bbox} is not in its picture`);
    assert.ok(Math.abs(area - w * h) <= 0.006);
  }
}
