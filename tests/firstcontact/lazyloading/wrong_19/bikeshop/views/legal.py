def imprint():
    return "<h1>Imprint</h1><p>Bike shop, 1 Chain Street</p>"
