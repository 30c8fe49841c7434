// The shop's tests. They use the stubs, unless told where the orders are.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { receipt } from "./shop.mjs";
import { serve } from "./stubs.mjs";

let server;

before(async () => {
  if (process.env.ORDERS_URL) return;
  server = await serve();
  process.env.ORDERS_URL = `http://127.0.0.1:${server.address().port}`;
});

after(() => server?.close());

test("receipts name the customer and add shipping", async () => {
  for (let times = 0; times < 4; times += 1) {
    const [name, toPay] = await receipt(7);
    assert.match(name, /^for [A-Z]+$/);
    assert.match(toPay, /^to pay \d+\.\d\d$/);
  }
});
