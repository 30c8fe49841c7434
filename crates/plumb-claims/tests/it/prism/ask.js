// Asks Prism which operation takes each request of a table, and whether it is valid there. Prints a
// list for each description: null where no operation takes the request, else its name and a verdict.
//
// Usage: node ask.js PACKAGE TABLE HOST
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { freePort, ready, send } = require('../http.js');

async function answers(program, folder, { description, requests }, host) {
  const file = path.join(folder, 'api.json');
  fs.writeFileSync(file, JSON.stringify(description));
  const port = await freePort();
  const args = [program, 'mock', file, '--host', '127.0.0.1', '--port', String(port)];
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    await ready(port);
    const all = [];
    for (const { method, base, path: target, query, headers, body } of requests) {
      // Prism serves every description at its root; the base path goes where it looks for one.
      const names = new URLSearchParams([...query, ['__server', `${host}${base}`]]).toString();
      const answer = await send(port, { method, target: `${target}?${names}`, headers, body });
      const operation = answer.headers['x-operation'];
      if (operation === undefined) {
        const { type } = JSON.parse(answer.text || '{}');
        if (!/NO_(PATH|METHOD|SERVER)_MATCHED_ERROR$/.test(type ?? '')) {
          throw new Error(`${method} ${target}: ${answer.status} ${answer.text}`);
        }
        all.push(null);
      } else {
        all.push({ operation, valid: answer.status < 300, status: answer.status,
          why: answer.headers['sl-violations'] });
      }
    }
    return all;
  } finally {
    server.kill();
  }
}

async function main([root, table, host]) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'plumb-prism-'));
  const program = path.join(root, 'dist', 'index.js');
  const rows = JSON.parse(fs.readFileSync(table));
  try {
    const all = [];
    for (const row of rows) all.push(await answers(program, folder, row, host));
    process.stdout.write(JSON.stringify(all));
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
