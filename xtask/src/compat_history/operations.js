// Prints how many operations and webhooks two descriptions of OpenAPI share.
//
// Usage: node operations.js OLD NEW
'use strict';

const fs = require('node:fs');

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

function operations(file) {
  const description = JSON.parse(fs.readFileSync(file));
  const found = new Set();
  for (const part of ['paths', 'webhooks', 'x-webhooks']) {
    for (const [path, item] of Object.entries(description[part] ?? {})) {
      for (const method of METHODS.filter((it) => it in item)) found.add(`${part} ${method} ${path}`);
    }
  }
  return found;
}

const [old, current] = process.argv.slice(2).map(operations);
console.log([...old].filter((operation) => current.has(operation)).length);
