// Has Mountebank load a file of mended imposters and asks for each answer that is told apart by an
// equal path: status and body must be those of the file.
//
// Usage: node imposters.js PACKAGE FILE
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { freePort, ready, send } = require('../../../crates/plumb-claims/tests/it/http.js');

async function main([folder, file]) {
  const port = await freePort();
  const pid = path.join(os.tmpdir(), `plumb-mountebank-${process.pid}.pid`);
  const options = ['--nologfile', '--loglevel', 'error', '--localOnly', '--pidfile', pid];
  const program = path.join(folder, 'bin', 'mb');
  const args = [program, 'start', '--port', String(port), ...options];
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    await ready(port);
    let count = 0;
    for (const imposter of JSON.parse(fs.readFileSync(file)).imposters) {
      const own = { ...imposter, port: await freePort() };
      const headers = { 'content-type': 'application/json' };
      const made = await send(port, {
        method: 'POST', target: '/imposters', headers, body: JSON.stringify(own),
      });
      if (made.status !== 201) throw new Error(made.text);
      for (const { predicates, responses } of imposter.stubs) {
        const { method, path: target } = predicates[0].equals;
        for (const { is } of responses) {
          const answer = await send(own.port, { method, target, headers: {} });
          const isSame = answer.status === is.statusCode
            && JSON.stringify(JSON.parse(answer.text)) === JSON.stringify(is.body);
          count += 1;
          if (!isSame) {
            console.log(`${target} answers ${answer.status} ${answer.text}`);
            process.exitCode = 1;
          }
        }
      }
    }
    console.log(`${count} answers of Mountebank asked for`);
    if (count === 0) process.exitCode = 1;
  } finally {
    server.kill();
    fs.rmSync(pid, { force: true });
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
