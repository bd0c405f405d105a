// transformers.js has what it needs of it in its own bundle; in Node nothing loads this.
module.exports = {};
