// Loads mended handlers of MSW, mended interceptors of nock and a mended recording of nock, asks for
// each answer, and compares its members and their types with an answer that was recorded.
//
// Usage: node scripts.js NOCK MSW FOLDER
'use strict';

const fs = require('node:fs');
const https = require('node:https');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

function get(url) {
  return new Promise((resolve, reject) => {
    https.get(url, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
    }).on('error', reject);
  });
}

// The members of an answer, each with the type of its value.
function form(body) {
  return Object.keys(body).sort().map((key) => `${key}: ${typeof body[key]}`).join(', ');
}

function expected(folder, host) {
  const lines = fs.readFileSync(path.join(folder, 'traffic.ndjson'), 'utf8').trim().split('\n');
  const answers = lines.map((line) => JSON.parse(line)).filter(({ url }) => url.includes(`//${host}/`));
  return form(answers.find(({ response }) => response.body.note !== null).response.body);
}

function compare(tool, folder, host, body) {
  const [found, wanted] = [form(body), expected(folder, host)];
  console.log(`${tool} answers ${found}${found === wanted ? '' : `, and not ${wanted}`}`);
  if (found !== wanted) process.exitCode = 1;
}

async function main([nockFolder, mswFolder, folder]) {
  // Copies beside the libraries, so that the names that tests import are found.
  const beside = (library, file, name) => {
    const copy = path.join(path.dirname(library), name);
    fs.copyFileSync(path.join(folder, file), copy);
    return copy;
  };
  const nock = require(nockFolder);
  const hooks = [];
  globalThis.beforeEach = (hook) => hooks.push(hook);
  require(beside(nockFolder, 'carts.test.js', 'plumb-carts.test.js'));
  hooks.forEach((hook) => hook());
  compare('nock', folder, 'carts', await get('https://carts/carts/7'));
  nock.cleanAll();
  nock.define(nock.loadDefs(path.join(folder, 'users.json')));
  compare('nock, recorded,', folder, 'users', await get('https://users/users/7'));
  nock.restore();
  const { handlers } = await import(pathToFileURL(beside(mswFolder, 'handlers.ts', 'plumb-handlers.mjs')));
  const { setupServer } = require(path.join(mswFolder, 'lib', 'node', 'index.js'));
  const server = setupServer(...handlers);
  server.listen({ onUnhandledRequest: 'error' });
  compare('msw', folder, 'orders', await (await fetch('https://orders/orders/7')).json());
  server.close();
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
