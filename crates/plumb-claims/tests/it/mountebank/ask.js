// Asks Mountebank which stub answers each request of a table, and prints the positions: a list for
// each imposter, with null where no stub answers.
//
// Usage: node ask.js PACKAGE TABLE
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { freePort, ready, send } = require('../http.js');

async function answers(port, { imposter, requests }) {
  const body = JSON.stringify(imposter);
  const headers = { 'content-type': 'application/json' };
  const made = await send(port, { method: 'POST', target: '/imposters', headers, body });
  if (made.status !== 201) throw new Error(made.text);
  const { port: own } = JSON.parse(made.text);
  const positions = [];
  for (const one of requests) {
    const query = new URLSearchParams(one.query).toString();
    const target = one.path + (query ? `?${query}` : '');
    const answer = await send(own, { ...one, target });
    positions.push('x-stub' in answer.headers ? Number(answer.headers['x-stub']) : null);
  }
  return positions;
}

async function main([folder, table]) {
  const port = await freePort();
  const pid = path.join(os.tmpdir(), `plumb-mountebank-${process.pid}.pid`);
  const options = ['--nologfile', '--loglevel', 'error', '--localOnly', '--pidfile', pid];
  const program = path.join(folder, 'bin', 'mb');
  const args = [program, 'start', '--port', String(port), ...options];
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    await ready(port);
    const all = [];
    for (const row of JSON.parse(fs.readFileSync(table))) all.push(await answers(port, row));
    process.stdout.write(JSON.stringify(all));
  } finally {
    server.kill();
    fs.rmSync(pid, { force: true });
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
