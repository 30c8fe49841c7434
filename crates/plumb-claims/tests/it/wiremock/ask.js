// Asks WireMock which stub answers each request of a table, and prints the positions: a list for
// each row, with null where no stub answers.
//
// Usage: node ask.js JAR TABLE
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { freePort, ready, send } = require('../http.js');

async function answers(port, file, { stubs, requests }) {
  fs.writeFileSync(file, JSON.stringify(stubs));
  // WireMock reads the folder again, as it does when it starts.
  const target = '/__admin/mappings/reset';
  const read = await send(port, { method: 'POST', target, headers: {} });
  if (read.status !== 200) throw new Error(`${read.text}\n${JSON.stringify(stubs)}`);
  const positions = [];
  for (const one of requests) {
    const query = new URLSearchParams(one.query).toString();
    const answer = await send(port, { ...one, target: one.path + (query ? `?${query}` : '') });
    positions.push('x-stub' in answer.headers ? Number(answer.headers['x-stub']) : null);
  }
  return positions;
}

async function main([jar, table]) {
  const port = await freePort();
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'plumb-wiremock-'));
  const mappings = path.join(root, 'mappings');
  fs.mkdirSync(mappings);
  const options = ['--bind-address', '127.0.0.1', '--no-request-journal', '--disable-banner'];
  const args = ['-jar', jar, '--port', String(port), '--root-dir', root, ...options];
  const server = spawn('java', args, { stdio: 'ignore' });
  try {
    await ready(port, '/__admin/mappings');
    const all = [];
    for (const row of JSON.parse(fs.readFileSync(table))) {
      all.push(await answers(port, path.join(mappings, 'stubs.json'), row));
    }
    process.stdout.write(JSON.stringify(all));
  } finally {
    server.kill();
    fs.rmSync(root, { recursive: true, force: true });
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
