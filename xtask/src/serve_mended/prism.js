// Has Prism hold recorded answers against specifications: as they were, and as they were mended.
// What was mended must let every answer pass, and must be served with its own example.
//
// Usage: node prism.js PACKAGE BEFORE AFTER
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { freePort, ready, send } = require('../../../crates/plumb-claims/tests/it/http.js');

function recorded(folder) {
  const lines = fs.readFileSync(path.join(folder, 'traffic.ndjson'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line));
}

// Runs Prism until `ask` is done with its port.
async function prism(folder, args, ask) {
  const port = await freePort();
  const program = path.join(folder, 'dist', 'index.js');
  const all = [program, ...args, '--host', '127.0.0.1', '--port', String(port)];
  const server = spawn(process.execPath, all, { stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    await ready(port);
    return await ask(port);
  } finally {
    server.kill();
  }
}

// How many recorded answers break the specification, as Prism has it.
async function refused(folder, specification, exchanges) {
  let answer;
  const upstream = http.createServer((_, response) => {
    response.writeHead(answer.status, answer.response.headers);
    response.end(JSON.stringify(answer.response.body));
  });
  await new Promise((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const to = `http://127.0.0.1:${upstream.address().port}`;
  try {
    return await prism(folder, ['proxy', specification, to, '--errors'], async (port) => {
      let count = 0;
      for (const exchange of exchanges) {
        answer = exchange;
        const { method, url } = exchange;
        const found = await send(port, { method, target: new URL(url).pathname, headers: {} });
        if (found.text !== JSON.stringify(exchange.response.body)) count += 1;
      }
      return count;
    });
  } finally {
    upstream.close();
  }
}

async function main([folder, before, after]) {
  for (const name of fs.readdirSync(path.join(after, 'api'))) {
    const service = path.basename(name).split('.')[0];
    const exchanges = recorded(after).filter(({ url }) => url.includes(`//${service}.`));
    const of = (where) => refused(folder, path.join(where, 'api', name), exchanges);
    const [was, is] = [await of(before), await of(after)];
    console.log(`${name}: Prism refuses ${was} of ${exchanges.length} answers, mended ${is}`);
    const args = ['mock', path.join(after, 'api', name)];
    const target = `/${service}/7`;
    const served = await prism(folder, args, (port) => send(port, { method: 'GET', target, headers: {} }));
    console.log(`  it serves ${served.status} ${served.text}`);
    const text = fs.readFileSync(path.join(after, 'api', name), 'utf8');
    const isExample = served.status === 200
      && Object.values(JSON.parse(served.text)).every((value) => text.includes(String(value)));
    if (was === 0 || is !== 0 || !isExample) process.exitCode = 1;
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
