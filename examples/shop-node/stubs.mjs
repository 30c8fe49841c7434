// Serves the stubs in mocks/mappings, as far as these tests need them.

import { readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";

const FOLDER = new URL("mocks/mappings/", import.meta.url);

/** For each stub the pattern of its path, its status and its body. */
function answers() {
  const files = readdirSync(FOLDER).sort().reverse();
  const stubs = files.map((file) => JSON.parse(readFileSync(new URL(file, FOLDER))));
  return stubs
    .filter((stub) => !("requiredScenarioState" in stub))
    .map(({ request, response }) => {
      const template = request.urlPath ?? request.urlPathTemplate;
      const pattern = new RegExp(`^${template.replace(/\{.*?\}/g, "[^/]+")}$`);
      return { pattern, status: response.status, body: response.jsonBody };
    });
}

/** Starts answering with the first stub whose path fits. */
export function serve() {
  const server = createServer((request, response) => {
    const answer = answers().find(({ pattern }) => pattern.test(request.url));
    response.writeHead(answer?.status ?? 501, { "Content-Type": "application/json" });
    response.end(JSON.stringify(answer?.body ?? null));
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}
