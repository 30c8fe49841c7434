import { MockedProvider } from "@apollo/client/testing/react";
import { render } from "@testing-library/react";
import { CANCEL_ORDER, GetOrderDocument } from ".";
import { Order } from "./Order";
import { GET_STOCK } from "@shop/stock";

const mocks = [
  {
    request: { query: GetOrderDocument, variables: { id: "o-1" } },
    result: {
      data: {
        // As it was when orders had one line.
        order: { id: 'o-1', total: '19.50', line: { sku: 'desk', count: 1 } },
      },
    },
  },
  {
    request: { query: CANCEL_ORDER, variables: { id: "o-1" } },
    result: jest.fn(() => ({ data: { cancelOrder: { id: 'o-1' } } })),
  },
  { request: { query: CANCEL_ORDER, variables: { id: "o-2" } }, error: new Error("offline") },
  { request: { query: GET_STOCK }, result: { data: { stock: [] } } },
];

it("shows an order", () => {
  render(
    <MockedProvider mocks={mocks}>
      <Order id="o-1" />
    </MockedProvider>,
  );
});
