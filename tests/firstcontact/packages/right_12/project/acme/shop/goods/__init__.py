from acme.shop.goods import details, index  # noqa: F401
