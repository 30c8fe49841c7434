"""The shop's tests. They use the stubs, unless told where the orders are."""

import os
import unittest

import shop
import stubs


class Receipts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = None
        if "ORDERS_URL" not in os.environ:
            cls.server = stubs.serve()
            os.environ["ORDERS_URL"] = f"http://127.0.0.1:{cls.server.server_port}"

    @classmethod
    def tearDownClass(cls):
        if cls.server:
            cls.server.shutdown()
            cls.server.server_close()
            del os.environ["ORDERS_URL"]

    def test_receipts_name_the_customer_and_add_shipping(self):
        for _ in range(4):
            name, to_pay = shop.receipt(7)
            self.assertRegex(name, r"^for [A-Z]+$")
            self.assertRegex(to_pay, r"^to pay \d+\.\d\d$")


if __name__ == "__main__":
    unittest.main()
