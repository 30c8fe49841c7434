import { gql } from "@apollo/client";
import { MockLink } from "@apollo/client/testing";

export const LIST = gql`
  query ListOrders {
    orders {
      id
      count
    }
  }
`;

export const link = new MockLink([
  { request: { query: LIST }, result: { data: { orders: [{ id: "o-1", count: "1" }] } } },
]);
