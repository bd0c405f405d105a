// The oracle runs on the very sharp that the palette uses: the same numbers, and 200 MB less to install.
module.exports = require('node:module').createRequire(
  require.resolve('../../../../nodes/node-red-contrib-detr/package.json'),
)('sharp');
