// Asks openapi-diff for every folder below one: each holds `old.json` and `new.json`. Prints the
// answers as one object, by the folder's name: breaking, safe or error.
//
// Usage: node openapi_diff.js PACKAGE FOLDER
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const [tool, folder] = process.argv.slice(2).map((it) => path.resolve(it));
const openapiDiff = require(tool);

function spec(pair, name) {
  const location = path.join(folder, pair, name);
  const content = fs.readFileSync(location, 'utf8');
  const format = 'swagger' in JSON.parse(content) ? 'swagger2' : 'openapi3';
  return { content, location, format };
}

async function answer(pair) {
  const sourceSpec = spec(pair, 'old.json');
  const destinationSpec = spec(pair, 'new.json');
  try {
    const found = await openapiDiff.diffSpecs({ sourceSpec, destinationSpec });
    return found.breakingDifferencesFound ? 'breaking' : 'safe';
  } catch (error) {
    return 'error';
  }
}

(async () => {
  const answers = {};
  for (const pair of fs.readdirSync(folder)) answers[pair] = await answer(pair);
  console.log(JSON.stringify(answers));
})();
