ACCOUNTS = {"rent": -95000, "salary": 310000, "books": -4250}
