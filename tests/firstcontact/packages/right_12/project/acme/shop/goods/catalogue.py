GOODS = {"anvil": 120, "rocket-skates": 349}
