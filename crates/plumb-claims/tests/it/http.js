// What scripts that ask a tool need of HTTP: a free port, a request, and waiting for a server.
'use strict';

const http = require('node:http');
const net = require('node:net');

const READY_MS = 30000;

function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function send(port, { method, target, headers, body }) {
  return new Promise((resolve, reject) => {
    // A body of a GET comes without its length otherwise.
    const length = body ? { 'content-length': Buffer.byteLength(body) } : {};
    const all = { ...headers, ...length };
    const options = { host: '127.0.0.1', port, method, path: target, headers: all, agent: false };
    const request = http.request(options, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode, headers: response.headers, text });
      });
    });
    request.on('error', reject);
    request.end(body ?? undefined);
  });
}

// Waits until a path is answered at all.
async function ready(port, target = '/') {
  const end = Date.now() + READY_MS;
  for (;;) {
    try {
      return await send(port, { method: 'GET', target, headers: {} });
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

module.exports = { freePort, ready, send };
