"""The shapes of the contract, named as the OpenAPI document names them."""
