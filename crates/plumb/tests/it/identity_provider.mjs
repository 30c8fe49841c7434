// An identity provider on this machine: the certified one that Node.js has. Prints its address; for
// the address that it is told then, it lets people log in there; prints a token of a pipeline; ends
// with its input. Refuses to know who asks.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const packages = createRequire(`${process.env.PLUMB_BROWSER_PACKAGES}/any`);
const { default: Provider } = await import(pathToFileURL(packages.resolve("oidc-provider")).href);

const AUDIENCE = "https://plumb.test";

function settings(returning) {
  const common = { token_endpoint_auth_method: "client_secret_basic" };
  return {
    clients: [
      { ...common, client_id: "plumb", client_secret: "a secret: & more",
        redirect_uris: [returning] },
      { ...common, client_id: "pipeline", client_secret: "other", redirect_uris: [],
        grant_types: ["client_credentials"], response_types: [] },
    ],
    pkce: { required: () => true, methods: ["S256"] },
    claims: { openid: ["sub"], team: ["team"] },
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, team: [id === "ann" ? "platform" : "sales"] }),
    }),
    extraTokenClaims: () => ({ repository: "acme/shop" }),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: "", audience: AUDIENCE, accessTokenFormat: "jwt", jwt: { sign: { alg: "RS256" } },
        }),
      },
    },
  };
}

async function token(issuer) {
  const basic = Buffer.from("pipeline:other").toString("base64");
  const body = new URLSearchParams({ grant_type: "client_credentials", resource: AUDIENCE });
  const headers = { authorization: `Basic ${basic}` };
  const answer = await fetch(`${issuer}/token`, { method: "POST", headers, body });
  return (await answer.json()).access_token;
}

console.info = console.warn = () => {};
const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const lines = createInterface({ input: process.stdin });
  lines.once("line", async (returning) => {
    server.on("request", new Provider(issuer, settings(returning)).callback());
    console.log(await token(issuer));
  });
  lines.once("close", () => process.exit(0));
  console.log(issuer);
});
