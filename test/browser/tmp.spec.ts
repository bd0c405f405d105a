import { story, withBrowser } from './shop-bench.ts';
import { editor } from './stories/editor.ts';
import { flows } from './stories/flows.ts';

describe('tmp', () => {
  const bench = withBrowser();
  story('editor', bench, editor);
  story('flows', bench, flows);
});
