//! The conversation as a specification. Objects are closed where a new member is to be told: an
//! open one admits it.

use super::exchange::Exchange;
use super::orders::STATES;
use super::yaml::block;
use serde_json::{Value, json};

pub(super) fn json(_: &[Exchange]) -> String {
    specification().to_string()
}

pub(super) fn yaml(_: &[Exchange]) -> String {
    block(&specification())
}

fn specification() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": { "title": "orders", "version": "1" },
        "servers": [{ "url": "http://orders" }],
        "paths": {
            "/orders": { "get": list(), "post": create() },
            "/orders/{id}": { "get": show() },
        },
        "components": { "schemas": {
            "State": { "type": "string", "enum": STATES },
            "Order": order(),
            "Error": {
                "type": "object",
                "required": ["error"],
                "properties": { "error": {
                    "type": "object",
                    "required": ["code", "message"],
                    "properties": {
                        "code": { "type": "string" },
                        "message": { "type": "string" },
                    },
                } },
            },
        } },
    })
}

fn show() -> Value {
    json!({
        "operationId": "showOrder",
        "parameters": [
            { "name": "id", "in": "path", "required": true, "schema": { "type": "integer" } },
        ],
        "responses": {
            "200": answer("an order", &reference("Order")),
            "404": answer("no such order", &reference("Error")),
        },
    })
}

fn list() -> Value {
    let line = json!({
        "type": "object",
        "required": ["id", "status"],
        "properties": { "id": { "type": "integer" }, "status": reference("State") },
    });
    let mut listed = answer(
        "orders",
        &json!({
            "type": "object",
            "required": ["orders"],
            "properties": { "orders": { "type": "array", "items": line } },
        }),
    );
    listed["headers"] = json!({
        "x-total-count": { "required": true, "schema": { "type": "integer" } },
    });
    json!({
        "operationId": "listOrders",
        "parameters": [{ "name": "limit", "in": "query", "schema": { "type": "integer" } }],
        "responses": { "200": listed },
    })
}

fn create() -> Value {
    let wanted = json!({
        "type": "object",
        "required": ["quantity"],
        "properties": { "sku": { "type": "string" }, "quantity": { "type": "integer" } },
    });
    let created = json!({
        "type": "object",
        "required": ["id", "status"],
        "properties": { "id": { "type": "integer" }, "status": reference("State") },
    });
    json!({
        "operationId": "createOrder",
        "requestBody": {
            "required": true,
            "content": { "application/json": { "schema": wanted } },
        },
        "responses": {
            "201": answer("the order", &created),
            "400": answer("refused", &reference("Error")),
        },
    })
}

fn order() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": [
            "id", "status", "total", "priority", "currency", "created_at", "customer", "items",
        ],
        "properties": {
            "id": { "type": "integer" },
            "status": reference("State"),
            "total": { "type": "integer", "format": "int32" },
            "priority": { "type": "integer" },
            "currency": { "type": "string" },
            "created_at": { "type": "string", "format": "date-time" },
            "customer": {
                "type": "object",
                "required": ["name", "email"],
                "properties": {
                    "name": { "type": "string" },
                    "email": { "type": "string", "format": "email" },
                },
            },
            "items": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["sku", "quantity"],
                    "properties": {
                        "sku": { "type": "string" },
                        "quantity": { "type": "integer" },
                    },
                },
            },
            "note": { "type": "string" },
        },
    })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn answer(description: &str, schema: &Value) -> Value {
    json!({
        "description": description,
        "content": { "application/json": { "schema": schema } },
    })
}
