// A shop that prints receipts for orders of another service.

const SHIPPING = 4.9;

/** The order, or null when there is no such order. */
export async function order(number) {
  const address = process.env.ORDERS_URL ?? "https://orders.internal";
  const answer = await fetch(`${address}/orders/${number}`);
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`orders answered ${answer.status}`);
  return answer.json();
}

/** The lines of a receipt. */
export async function receipt(number) {
  const bought = await order(number);
  if (bought === null) return ["no such order"];
  const name = (bought.customer.name ?? "guest").toUpperCase();
  const total = Number(bought.total);
  return [`for ${name}`, `to pay ${(total + SHIPPING).toFixed(2)}`];
}
