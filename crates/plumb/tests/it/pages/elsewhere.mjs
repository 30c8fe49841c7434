// Logging in to the pages at an identity provider. Refuses to look at what the pages show.
import { driven, expect } from "./browser.mjs";

const [base, issuer] = process.argv.slice(2);
const WANTED = "/findings?q=verdict%3Abroken";

async function opened(browser) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  context.setDefaultTimeout(60_000);
  return context.newPage();
}

async function logIn(page, name) {
  await page.goto(base + WANTED);
  await page.getByRole("link", { name: `Log in at ${issuer.split("://")[1]}` }).click();
  await page.waitForURL(`${issuer}/interaction/**`);
  await page.locator("input[name=login]").fill(name);
  await page.locator("input[name=password]").fill("any");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL(`${base}/**`);
}

async function comesIn(page) {
  const returned = [];
  page.on("request", (request) => {
    if (request.url().includes("/login/oidc/return")) returned.push(request.url());
  });
  await logIn(page, "ann");
  expect(page.url() === base + WANTED, page.url(), "the way back is forgotten");
  const who = page.locator("header form", { hasText: "ann at " });
  await page.waitForFunction(() => document.querySelector("h1").textContent !== "Not yet");
  await page.reload();
  expect(await who.isVisible(), page.url(), "nobody is told who looks");
  const names = (await page.context().cookies(base)).map((cookie) => cookie.name);
  expect(names.join() === "__Host-plumb", base, `the cookies are ${names}`);
  return returned[0];
}

// What came back once does not let anybody in again, here or elsewhere.
async function isUsedUp(browser, address) {
  const page = await opened(browser);
  const answer = await page.goto(address);
  expect(answer.status() === 401, address, `another browser gets ${answer.status()}`);
  expect(await page.getByRole("alert").isVisible(), address, "nothing is said");
  expect(!(await page.context().cookies(base)).length, base, "another browser gets a cookie");
}

async function othersStayOut(browser) {
  const page = await opened(browser);
  await logIn(page, "bob");
  const told = await page.getByRole("alert").textContent();
  expect(told.includes("says nothing of you that is trusted"), page.url(), `it says ${told}`);
  await page.goto(`${base}/seams`);
  expect(page.url().startsWith(`${base}/login`), page.url(), "somebody unknown is let in");
}

// A login that another browser began is not ended in this one.
async function isNotForcedUpon(browser) {
  const [one, other] = [await opened(browser), await opened(browser)];
  await one.goto(`${base}/login/oidc`);
  await other.goto(`${base}/login/oidc`);
  const state = new URL(one.url()).searchParams.get("state") ?? "x";
  const answer = await other.goto(`${base}/login/oidc/return?code=x&state=${state}`);
  expect(answer.status() === 401, base, `a login of others is answered with ${answer.status()}`);
}

async function goesOut(page) {
  await page.getByRole("button", { name: "Log out" }).click();
  await page.waitForURL(`${base}/login`);
  await page.goto(`${base}/seams`);
  expect(page.url().startsWith(`${base}/login`), page.url(), "the visit goes on");
}

await driven(async (browser) => {
  const page = await opened(browser);
  const address = await comesIn(page);
  await isUsedUp(browser, address);
  await othersStayOut(browser);
  await isNotForcedUpon(browser);
  await goesOut(page);
});
