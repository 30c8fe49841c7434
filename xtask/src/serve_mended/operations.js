// Loads mended mocks of operations of GraphQL, of both versions of MSW and of Apollo Client, asks
// for each answer, and compares its places and their types with an answer that was recorded.
//
// Usage: node operations.js MSW MSW_1 APOLLO FOLDER
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

// A document with the type of each value in the value's place.
function form(value) {
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  if (Array.isArray(value)) return `[${[...new Set(value.map(form))].sort()}]`;
  return `{${Object.keys(value).sort().map((key) => `${key}: ${form(value[key])}`)}}`;
}

function recorded(folder) {
  const lines = fs.readFileSync(path.join(folder, 'traffic.ndjson'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line));
}

function compare(tool, exchanges, name, data) {
  const exchange = exchanges.find(({ request }) => request.body.operationName === name);
  const [found, wanted] = [form(data), form(exchange.response.body.data)];
  console.log(`${tool} answers ${name} ${found}${found === wanted ? '' : `, and not ${wanted}`}`);
  if (found !== wanted) process.exitCode = 1;
}

// A copy beside the library, so that the names that mocks import are found.
function loaded(library, folder, file) {
  const copy = path.join(library, '..', '..', `plumb-${file.replace(/\.\w+$/, '.mjs')}`);
  fs.copyFileSync(path.join(folder, file), copy);
  return import(pathToFileURL(copy));
}

async function serve(tool, library, { folder, file, exchanges, name }) {
  const { handlers } = await loaded(library, folder, file);
  const { setupServer } = require(path.join(library, 'lib', 'node', 'index.js'));
  const server = setupServer(...handlers);
  server.listen({ onUnhandledRequest: 'error' });
  const { request } = exchanges.find(({ request }) => request.body.operationName === name);
  const answer = await fetch('https://api.example.org/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request.body),
  });
  compare(tool, exchanges, name, (await answer.json()).data);
  server.close();
}

async function ask(library, folder, exchanges) {
  const { link, LIST } = await loaded(library, folder, 'mocks.js');
  const client = require(path.join(library, '__cjs', 'core', 'index.cjs'));
  const { ApolloClient, InMemoryCache } = client;
  const asking = new ApolloClient({ link, cache: new InMemoryCache() });
  const { data } = await asking.query({ query: LIST });
  compare('Apollo Client', exchanges, 'ListOrders', data);
}

async function main([msw, old, apollo, folder]) {
  const exchanges = recorded(folder);
  await serve('msw', msw, { folder, file: 'handlers.ts', exchanges, name: 'GetOrder' });
  await serve('msw 1', old, { folder, file: 'handlers-v1.js', exchanges, name: 'CancelOrder' });
  await ask(apollo, folder, exchanges);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
