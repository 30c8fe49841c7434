import { gql, useMutation } from "@apollo/client";

export const CANCEL_ORDER = gql`
  mutation CancelOrder($id: ID!) {
    cancelOrder(id: $id) {
      id
      status
    }
  }
`;

export const useCancelOrder = () => useMutation(CANCEL_ORDER);
